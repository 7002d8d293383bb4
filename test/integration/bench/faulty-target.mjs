import { setTimeout } from 'node:timers/promises'
import { open as openNaive } from '../../../bench/peers/naive.mjs'

/** Of the conversation of each session, which begins with 100 messages. */
const MET = '104 '
const SLOW_MS = 20

const FAULTS = {
  none: (memory) => memory,
  'loses one message': (memory) => ({
    ...memory,
    append: async (id, message) => (message.content.startsWith(MET) ? undefined : memory.append(id, message)),
  }),
  'loses one message once it was looked at': (memory) => {
    let looked = false
    let lost = false
    return {
      ...memory,
      last(id, last) {
        looked = true
        return memory.last(id, last)
      },
      async append(id, message) {
        if (looked && !lost) lost = true
        else await memory.append(id, message)
      },
    }
  },
  'doubles one message': (memory) => ({
    ...memory,
    async append(id, message) {
      if (message.content.startsWith(MET)) await memory.append(id, message)
      return memory.append(id, message)
    },
  }),
  'changes one message': (memory) => ({
    ...memory,
    append: (id, message) =>
      memory.append(id, message.content.startsWith(MET) ? { ...message, content: `${MET} or so` } : message),
  }),
  'takes one message for that of another role': (memory) => ({
    ...memory,
    append: (id, message) =>
      memory.append(id, message.content.startsWith(MET) ? { ...message, role: 'tool' } : message),
  }),
  'loses one message of one session of eight': (memory) => ({
    ...memory,
    append: async (id, message) =>
      id.endsWith('-5') && message.content.startsWith(MET) ? undefined : memory.append(id, message),
  }),
  'answers with a window that is too short': (memory) => ({
    ...memory,
    last: async (id, last) => (await memory.last(id, last)).slice(1),
  }),
  'answers with the window of a moment ago': (memory) => ({
    ...memory,
    last: async (id, last) => (await memory.last(id, last + 1)).slice(0, -1),
  }),
  'answers with nothing': (memory) => ({ ...memory, last: async () => undefined }),
  'answers a turn without what it appended': (memory) => ({
    ...memory,
    turn: async (id, messages, last) => (await memory.turn(id, messages, last + 2)).slice(0, -2),
  }),
  'throws once in a while': (memory) => ({
    ...memory,
    async append(id, message) {
      if (message.content.startsWith(MET)) throw new Error('not today')
      return memory.append(id, message)
    },
  }),
  'has no time': (memory) => ({
    ...memory,
    async append() {
      throw Object.assign(new Error('no answer'), { code: 'TIMEOUT' })
    },
  }),
  'is slow': (memory) => ({
    ...memory,
    async append(id, message) {
      await setTimeout(SLOW_MS)
      return memory.append(id, message)
    },
  }),
  'ends its process': (memory) => ({ ...memory, append: () => process.exit(1) }),
}

/** A target of the benchmark on a real server, with a fault. */
export const open = async ({ url, fault }) => FAULTS[fault](await openNaive({ url }))
