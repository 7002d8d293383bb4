import { probeKey } from '../../redis/keys.js'

/** How many keys are tried: one in so many falls on a master with that part of the slots. */
const MOST_KEYS = 2_000

/**
 * A key to write the mark of a check to, for each of the nodes. One whose slots are so few that none of the keys tried is in them
 * has none.
 *
 * @param nodeOf which node has the slot of a key
 */
export const probeKeys = (
  namespace: string,
  nodes: ReadonlySet<string>,
  nodeOf: (key: string) => string,
): ReadonlyMap<string, string> => {
  const keys = new Map<string, string>()
  for (let number = 0; number < MOST_KEYS && keys.size < nodes.size; number++) {
    const key = probeKey(namespace, number)
    const node = nodeOf(key)
    if (nodes.has(node) && !keys.has(node)) keys.set(node, key)
  }
  return keys
}
