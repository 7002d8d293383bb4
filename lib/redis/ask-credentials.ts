import { isError } from '../errors/is-error.js'
import type { Problem } from '../errors/problem.js'
import { valueKind } from '../errors/value-kind.js'
import { isOptionsObject } from '../options/is-options-object.js'
import type { CredentialsProvider } from '../options/credentials.interface.js'
import { Deadline } from './deadline.js'

const PATH = 'connection.credentials'
const ALLOWED = '{ username?, password }, each a text that is not empty'

/** There are no credentials to connect with. What the provider said itself is not repeated: it may hold some. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError'

  /** @param problem what is wrong with an answer that was given */
  constructor(
    message: string,
    readonly problem?: Problem,
  ) {
    super(message)
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const unfit = (given: string): CredentialsError => {
  const problem = { path: PATH, given, allowed: ALLOWED }
  return new CredentialsError(`${PATH}: ${given} given; allowed: ${ALLOWED}`, problem)
}

const failure = (error: unknown): CredentialsError => {
  const { name, code } = isError(error) ? (error as NodeJS.ErrnoException) : { name: valueKind(error) }
  const word = typeof code === 'string' && /^[\w-]{1,40}$/.test(code) ? code : name
  return new CredentialsError(`${PATH} failed (${word})`)
}

/** @throws CredentialsError, within the time, in ms */
export const askCredentials = async (
  provider: CredentialsProvider,
  within: number,
): Promise<readonly [username: string, password: string]> => {
  // What throws at once fails as what rejects later; what never answers is given up.
  const late = Symbol('late')
  const answer: unknown = await new Deadline(within)
    .race((async () => await provider())().catch(failure))
    .catch(() => late)
  if (answer === late) throw new CredentialsError(`${PATH} gave nothing within ${within} ms`)
  if (answer instanceof CredentialsError) throw answer
  if (!isOptionsObject(answer)) throw unfit(`a function that gives ${valueKind(answer)}`)
  const { username = 'default', password } = answer
  if (!isText(password)) throw unfit('a function that gives no password')
  if (!isText(username)) throw unfit('a function that gives no text as username')
  return [username, password]
}
