import { isError } from '../errors/is-error.js'

/** Whether a server refused a command with this word. */
export const isRefusal = (error: unknown, word: string): error is Error =>
  isError(error) && error.message.startsWith(word)
