import { Redis } from 'ioredis'
import { recordCommands } from './recorded.mjs'

/** The module's own command for an append, by a bare client: what the service around it costs is what the module takes beyond. */
export const open = async ({ url }) => {
  const recorded = await recordCommands({ url })
  const client = new Redis(url)
  return {
    ...recorded.sessions,
    async append(id, message) {
      const session = recorded.session(id)
      for (const template of recorded.appends[message.role]) {
        const [, ...args] = template(session, [message])
        recorded.learn(session, await client.evalsha(...args))
      }
    },
    last: recorded.memory.last,
    async close() {
      client.disconnect()
      await recorded.close()
    },
  }
}
