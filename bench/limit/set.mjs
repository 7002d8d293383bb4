import { Redis } from 'ioredis'
import { WrongAnswer } from '../run/wrong-answer.mjs'

/** The record of a message, as long as this module makes it. */
const recordOf = ({ role, content }) => `1${role[0]}57 1930000000000 0123456789abcdef ${JSON.stringify([content])}`

/** @param options of ioredis */
export const openSet = (url, options = {}) => {
  const client = new Redis(url, options)
  const records = new Map()
  return {
    fill: () => undefined,
    append(id, message) {
      const record = recordOf(message)
      records.set(id, record)
      return client.set(id, record)
    },
    async holds(id) {
      if ((await client.get(id)) !== records.get(id)) throw new WrongAnswer('SET: another value stands there')
    },
    close: () => client.disconnect(),
  }
}

/** The limit of the client: ioredis, and a SET of the bytes of one message. */
export const open = async ({ url }) => openSet(url)
