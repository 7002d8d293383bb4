import { MemoryConfigError } from '../errors/memory-config.error.js'
import { MemoryCorruptError } from '../errors/memory-corrupt.error.js'
import { MemoryFullError } from '../errors/memory-full.error.js'
import { MemoryPermissionError } from '../errors/memory-permission.error.js'
import { MemoryTooLargeError } from '../errors/memory-too-large.error.js'
import { MemoryUnavailableError } from '../errors/memory-unavailable.error.js'
import { denialOf } from './denial.js'
import { NODE_OF_CLUSTER } from './server-check.js'
import type { Executed, MemoryError, MemoryErrorDetails } from '../errors/memory.error.js'

/** Refusals that pass. */
const PASSING: ReadonlyMap<string, string> = new Map([
  ['READONLY', 'the server is a read-only replica; after a failover the address has to lead to the new master'],
  ['LOADING', 'the server is loading its data after a start'],
  ['BUSY', "the server is busy with somebody's script; SCRIPT KILL or FUNCTION KILL ends it"],
  ['UNKILLABLE', 'the server is busy with a script that has written, and cannot be ended'],
  ['TRYAGAIN', 'the slot is being moved'],
  ['CLUSTERDOWN', 'the cluster is down, or no node serves this slot'],
  ['MASTERDOWN', 'the replica has lost its master, and may not answer from old data'],
  ['NOREPLICAS', 'too few replicas are in reach (min-replicas-to-write)'],
  ['MISCONF', 'the server cannot write to its disk, and takes no writes until it can; look at its disk and its log'],
  ['NOSCRIPT', 'the server has lost the scripts in between'],
  ['EXECABORT', 'a transaction was discarded as a whole'],
])

/** Said where a script runs already: what it did before it failed stays. */
const INSIDE = /\bon @?user_script:\d+|^ERR Error running script/

interface Reply {
  /** What stands for it in a text: `OOM`. */
  readonly word: string
  readonly message: string
  readonly executed: Executed
  readonly details: MemoryErrorDetails
}

const passing = ({ word, executed, details }: Reply): MemoryError =>
  new MemoryUnavailableError(`Redis refused for now: ${PASSING.get(word)} (${word})`, executed, details)

const denied = ({ message, executed, details }: Reply, word: string): MemoryError =>
  new MemoryPermissionError(`Redis denied access (${word}): ${denialOf(message)}`, details, executed)

const misconfigured = (
  { executed, details }: Reply,
  given: string,
  allowed: string,
  path = 'connection',
): MemoryError => new MemoryConfigError({ path, given, allowed }, details, executed)

/** The first that fits tells what a reply stands for. */
const RULES: readonly (readonly [RegExp, (reply: Reply) => MemoryError])[] = [
  // The server lets nobody end a script that has written.
  [
    /Script killed by user/,
    ({ details }) =>
      new MemoryUnavailableError('somebody ended the script (SCRIPT KILL) before it wrote anything', 'no', details),
  ],
  [new RegExp(`^(?:${[...PASSING.keys()].join('|')})\\b`), passing],
  [
    /^OOM\b/,
    ({ executed, details }) =>
      new MemoryFullError(
        'SERVER_FULL',
        'Redis is out of memory (OOM): raise maxmemory, or shorten what is kept',
        details,
        executed,
      ),
  ],
  [/^(?:NOPERM|NOAUTH|WRONGPASS)\b/, (reply) => denied(reply, reply.word)],
  // As Redis 7.0 says it, and as Redis 8 and Valkey 8 do.
  [/^ERR (?:The user executing the script can't|ACL failure in script)/, (reply) => denied(reply, 'NOPERM')],
  [
    /^DENIED\b/,
    (reply) =>
      misconfigured(
        reply,
        'a server in protected mode (DENIED)',
        'a server with a password, or with protected-mode no',
      ),
  ],
  // Each script reads its key before it writes.
  [
    /^WRONGTYPE\b/,
    ({ details }) =>
      new MemoryCorruptError(
        "the session's key holds something else (WRONGTYPE): another application writes to this namespace",
        details,
      ),
  ],
  [
    /^(?:MOVED|ASK|CROSSSLOT)\b/,
    (reply) => misconfigured(reply, `${NODE_OF_CLUSTER.given} (${reply.word})`, NODE_OF_CLUSTER.allowed),
  ],
  [
    /^ERR max number of clients/,
    ({ executed, details }) =>
      new MemoryUnavailableError('Redis has no room for another connection (maxclients)', executed, details),
  ],
  [
    /^ERR Protocol error: (?:invalid|too big)/,
    ({ details }) =>
      new MemoryTooLargeError(
        'Redis takes no value or command of this size (proto-max-bulk-len): lower maxMessageBytes, or append less at once',
        details,
      ),
  ],
  [
    /^ERR unknown command|^ERR Unknown Redis command/i,
    (reply) =>
      misconfigured(
        reply,
        'a server without a command that is needed',
        'Redis or Valkey with all its commands: none renamed, and no proxy before it',
      ),
  ],
  [
    /^ERR (?:DB index is out of range|invalid DB index)/,
    (reply) =>
      misconfigured(reply, 'a database the server does not have', 'one below its "databases"', 'connection.db'),
  ],
  [
    /^ERR Error compiling script/,
    (reply) =>
      misconfigured(reply, 'a server that does not take the scripts', 'Redis 7.0 or later, or Valkey 8 or later'),
  ],
  [
    INSIDE,
    ({ executed, details }) =>
      new MemoryCorruptError(
        "a script failed on the session's key: what stands there is not what this module wrote, or not whole; " +
          'the cause names the line',
        details,
        executed,
      ),
  ],
]

/**
 * What the server answered with instead of a result. Unless a script ran already, it refuses before it executes anything.
 *
 * @param maybe what is said of the execution where nobody can tell
 */
export const fromReply = (message: string, maybe: Executed, details: MemoryErrorDetails): MemoryError => {
  const word = /^[A-Z]+/.exec(message)?.[0] ?? ''
  const rule = RULES.find(([pattern]) => pattern.test(message))
  if (rule !== undefined) return rule[1]({ word, message, executed: INSIDE.test(message) ? maybe : 'no', details })
  return new MemoryUnavailableError('Redis answered with an error; see its cause', maybe, details)
}
