import { messagesOf } from '../corpus.mjs'
import { openMemory } from '../ours/memory.mjs'

const SESSIONS = 1_000
const AT_ONCE = 50

const use = async (memory, id) => {
  const session = memory.session(id)
  await session.append(messagesOf(0, 2))
  await session.messages({ last: 20 })
  return session
}

const heapUsed = () => {
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed / 1_024
}

/** The target of `heap.mjs`: what it says of itself is the result. */
export const open = async ({ url }) => {
  // What healing keeps is bounded by its own option, and not for each session.
  const { app, memory } = await openMemory({ connection: { url }, resilience: { healing: false } })
  const keep = []
  for (let index = 0; index < AT_ONCE; index += 1) await use(memory, `heap-warm-up-${index}`)
  const before = heapUsed()
  for (let from = 0; from < SESSIONS; from += AT_ONCE) {
    const ids = Array.from({ length: AT_ONCE }, (_, index) => `heap-${from + index}`)
    keep.push(...(await Promise.all(ids.map((id) => use(memory, id)))))
  }
  return { note: { kibibytes: heapUsed() - before, sessions: keep.length }, close: () => app.close() }
}
