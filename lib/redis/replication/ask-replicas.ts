import type { ChainableCommander, Redis } from 'ioredis'
import { waitKey } from '../keys.js'

/** How long the mark lives at the most, in ms. */
const MARK_TTL = 1_000

/** What a master says of its replicas. */
export interface ReplicasAnswer {
  /** How many have acknowledged all that was written before. */
  readonly replicas: number
  /** Which of the sessions it has itself. */
  readonly present: ReadonlySet<string>
}

export interface Question {
  /** Of the sessions that were written to. */
  readonly keys: readonly string[]
  /** In the slot of which of them the mark is written. */
  readonly markIn: string
  /** Whether the server may have sent the writes on to another one: then it says what it has. */
  readonly isOfCluster: boolean
  readonly wanted: number
  /** How long the server waits for them, in ms. */
  readonly within: number
}

/**
 * Waits for replicas, in one round trip. WAIT speaks of what its own connection has written, so that this connection writes
 * a mark first: replicas have what was written before it when they have the mark, for they apply one stream in its order.
 *
 * @throws Error when the mark or WAIT was refused, or the connection ended
 */
export const askReplicas = async (
  client: Redis,
  { keys, markIn, isOfCluster, wanted, within }: Question,
): Promise<ReplicasAnswer> => {
  const pipeline = client.pipeline()
  const asked = isOfCluster ? keys : []
  for (const key of asked) pipeline.exists(key)
  pipeline.set(waitKey(markIn), '', 'PX', MARK_TTL)
  pipeline.wait(wanted, within)
  const results = await answersOf(pipeline)
  const [marked, waited] = results.slice(asked.length)
  const refused = marked?.[0] ?? waited?.[0]
  if (refused) throw refused
  // A session that is being moved answers with an error where it is no more.
  const present = isOfCluster ? asked.filter((_, index) => results[index]?.[1] === 1) : keys
  return { replicas: Number(waited?.[1]), present: new Set(present) }
}

const answersOf = async (pipeline: ChainableCommander): Promise<readonly [error: Error | null, result: unknown][]> =>
  (await pipeline.exec()) ?? []
