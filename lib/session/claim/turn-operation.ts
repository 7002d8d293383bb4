import { hash } from 'node:crypto'

const PREFIX = 'turn-'
const NAME_DIGITS = 32

/** The operation that appends the turn of a key. It is of one user: the same key of another names another turn. */
export const turnOperationId = (userId: string | undefined, key: string): string =>
  // Neither of the two can hold a line feed.
  `${PREFIX}${hash('sha256', `${userId ?? ''}\n${key}`)}`

/** What the key of its claim is called. */
export const claimName = (operationId: string): string => operationId.slice(PREFIX.length, PREFIX.length + NAME_DIGITS)
