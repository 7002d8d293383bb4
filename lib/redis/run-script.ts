import { ScriptLostError } from './again-in-order.error.js'
import { withoutArguments, type CallDetails } from './classify-error.js'
import { nodeOf, type Client } from './cluster-nodes.js'
import type { Deadline } from './deadline.js'
import { isRefusal } from './is-refusal.js'
import type { Script } from './scripts/script.interface.js'

type Argument = string | number

/** Runs commands on a connection. */
export interface Commands {
  run<T>(key: string, command: (client: Client) => Promise<T>, details: CallDetails, deadline: Deadline): Promise<T>
}

/** What a script answers: a word, and what belongs to it. */
export type ScriptReply = readonly [status: string, ...rest: unknown[]]

/**
 * Runs a script on keys of one slot by its digest, in one command. A server that does not know it (a new one, or after SCRIPT FLUSH)
 * has not executed anything, and is sent the source.
 *
 * @param args made when they are sent, which may be long after the call: the connection is waited for
 * @throws AgainInOrderError of a call in order, for which the script is loaded only; MemoryError
 */
export const runScript = <Reply>(
  connection: Commands,
  script: Script,
  keys: readonly string[],
  args: () => readonly Argument[],
  details: CallDetails,
  deadline: Deadline,
): Promise<Reply> =>
  connection.run(
    keys[0]!,
    (client) => {
      const sent = args()
      const answer = client.evalsha(script.sha1, keys.length, ...keys, ...sent) as Promise<Reply>
      return answer.catch(async (error: unknown) => {
        if (!isRefusal(error, 'NOSCRIPT')) throw error
        if (details.inOrder === true && (await loads(client, keys[0]!, script))) {
          const { sessionId, operationId } = details
          throw new ScriptLostError({ sessionId, operationId, cause: withoutArguments(error) })
        }
        return (await client.eval(script.source, keys.length, ...keys, ...sent)) as Reply
      })
    },
    details,
    deadline,
  )

/** Not for a user who may run scripts, and not load them. */
const loads = async (client: Client, key: string, { source }: Script): Promise<boolean> => {
  try {
    return (await nodeOf(client, key)?.script('LOAD', source)) !== undefined
  } catch {
    return false
  }
}
