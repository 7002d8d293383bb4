import { MemoryConflictError } from '../errors/memory-conflict.error.js'
import { MemoryCorruptError } from '../errors/memory-corrupt.error.js'
import { MemoryFullError } from '../errors/memory-full.error.js'
import { MemoryInvalidError } from '../errors/memory-invalid.error.js'
import { MemoryTooLargeError } from '../errors/memory-too-large.error.js'
import type { MemoryError, MemoryErrorDetails } from '../errors/memory.error.js'
import { SessionDeletedError } from '../errors/session-deleted.error.js'
import { SessionNotFoundError } from '../errors/session-not-found.error.js'
import type { ScriptReply } from '../redis/run-script.js'

/** What a script refused, as an error. Each word is documented in the script that says it. */
export const refusal = ([word, ...rest]: ScriptReply, details: MemoryErrorDetails): MemoryError => {
  const [first, second] = rest.map(String)
  switch (word) {
    case 'OWNER':
    case 'ABSENT':
      return new SessionNotFoundError('there is no such session for this user', details)
    case 'DELETED':
      return new SessionDeletedError('the session was deleted after this write was first made', details)
    case 'REUSED':
      return new MemoryConflictError(
        'OPERATION_REUSED',
        'the operationId was used before, for another payload; give every write its own',
        details,
      )
    case 'FORGOTTEN':
      return new MemoryConflictError(
        'OPERATION_FORGOTTEN',
        'the write is repeated so late that nobody can tell whether it was executed; read the session, and decide',
        details,
      )
    case 'FENCE':
      return new MemoryConflictError('FENCE_STALE', "another holder of the session's lock came since", {
        ...details,
        path: 'options.fence',
      })
    case 'VERSION':
      return new MemoryConflictError(
        'VERSION_MISMATCH',
        `the session has changed: its version is ${first}; read it again and decide anew`,
        { ...details, path: 'options.expectedVersion' },
      )
    case 'FIELD_VERSION':
      return new MemoryConflictError(
        'VERSION_MISMATCH',
        `the state field has changed: its version is ${second}; read it again and decide anew`,
        { ...details, path: `options.expectedVersions.${first}` },
      )
    case 'SUMMARY':
      return new MemoryConflictError(
        'SUMMARY_REPLACED',
        `another summary stands: its version is ${first}; read it again and decide anew`,
        { ...details, path: 'summary.replaces' },
      )
    case 'BASE':
      return new MemoryConflictError(
        'VERSION_MISMATCH',
        'a message that the summary covers was edited or removed since it was read; read it again',
        { ...details, path: 'summary.basedOn' },
      )
    case 'RANGE':
      return new MemoryInvalidError(
        {
          path: 'summary.coversSeq',
          given: 'a seq out of range',
          allowed: `${first} (what the summary before it covers) to ${second} (the last message)`,
        },
        details,
      )
    case 'FULL':
      return new MemoryFullError('SESSION_FULL', 'the session is at maxMessages or maxBytes', details)
    case 'UNREADABLE':
      return new MemoryCorruptError(
        'the value to patch cannot be read; set it as a whole, or see session.quarantine()',
        { ...details, path: `values.${first}` },
      )
    case 'CHANGED':
      return new MemoryConflictError(
        'VERSION_MISMATCH',
        'the record is another by now; read the quarantine again',
        details,
      )
    case 'FIELD_SIZE':
      return new MemoryTooLargeError('the patch would make the state field larger than maxMessageBytes', {
        ...details,
        path: `values.${first}`,
      })
    case 'FIELDS':
      return new MemoryTooLargeError('the session would have too many state fields', details)
    default:
      return new MemoryCorruptError('the script answered what this version does not know', details)
  }
}
