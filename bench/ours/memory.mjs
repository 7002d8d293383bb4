import { NestFactory } from '@nestjs/core'
import { MemoryModule, MemoryService } from 'nestjs-agent-memory'
import { WrongAnswer } from '../run/wrong-answer.mjs'
import { copyKey } from '../run/copy-key.mjs'

/** As many writes as a session remembers: each write looks through them. */
const REMEMBERED = 152
const BATCH = 1_000
/** The module's own key of a session: see docs/data-model.md. */
export const keyOf = (id) => `am:{memory:~:s:${id}}`

/** An application with the module, and the client that looks after its sessions. */
export const openMemory = async (options) => {
  const module = MemoryModule.forRoot({
    ...options,
    session: { maxMessages: 1_000_000, maxBytes: '256mb', ...options.session },
  })
  const app = await NestFactory.createApplicationContext(module, { logger: ['error', 'fatal'] })
  return { app, memory: app.get(MemoryService) }
}

/**
 * This module, as a row calls it.
 *
 * @param options of MemoryModule.forRoot
 * @param admin an ioredis client, of the server or of the cluster, that makes copies of sessions; `undefined` where none can be
 * made, because records are bound to their key
 */
export const ours = async (options, admin) => {
  const { app, memory } = await openMemory(options)
  // Anew for each call, as a request does.
  const open = (id) => memory.session(id)
  const templates = new Map()
  const patched = new Map()

  const fill = async (id, messages) => {
    const session = open(id)
    await session.state.set({ trip: { from: 'Basel', to: 'Oslo', nights: 4, call: 0 } })
    for (let from = 0; from < messages.length; from += BATCH) await session.append(messages.slice(from, from + BATCH))
    for (let write = 1; write < REMEMBERED; write += 1) await session.state.patch({ trip: { call: write } })
  }

  const copies = admin && {
    template(history, messages) {
      if (!templates.has(history)) templates.set(history, fill(`template-${history}`, messages))
      return templates.get(history)
    },
    clone: (history, id) => copyKey(admin, keyOf(`template-${history}`), keyOf(id)),
    /** At once, and not in the background: the server has nothing left to do when it is timed. */
    drop: (ids) => Promise.all(ids.map((id) => admin.del(keyOf(id)))),
  }

  return {
    ...copies,
    fill,
    append: (id, message) => open(id).append(message),
    // Both are on their way before the first is answered; a session keeps the order of its calls.
    async turn(id, messages, last) {
      const session = open(id)
      const appended = session.append(messages)
      const window = session.messages({ last })
      await appended
      return (await window).messages
    },
    async turnAwaited(id, messages, last) {
      const session = open(id)
      await session.append(messages)
      return (await session.messages({ last })).messages
    },
    last: async (id, last) => (await open(id).messages({ last })).messages,
    context: async (id, last) => (await open(id).context({ last })).messages,
    patch(id, call) {
      patched.set(id, call)
      return open(id).state.patch({ trip: { call } })
    },
    /** @throws WrongAnswer when the last patch is not there, or anything beside it went */
    async checkPatched(id) {
      const trip = await open(id).state.value('trip')
      const expected = { from: 'Basel', to: 'Oslo', nights: 4, call: patched.get(id) }
      if (JSON.stringify(trip) !== JSON.stringify(expected)) throw new WrongAnswer('the state is not what was patched')
    },
    async close() {
      await app.close()
    },
  }
}
