import { isError } from '../errors/is-error.js'

/** Whether a cause is what the server answered with: then it lives, whatever it refused. */
export const wasAnswered = (cause: unknown): boolean => isError(cause) && cause.name === 'ReplyError'
