import { Redis } from 'ioredis'
import { ours } from './memory.mjs'

/** With the default options. */
export const open = async ({ url }) => {
  const admin = new Redis(url)
  const memory = await ours({ connection: { url } }, admin)
  return {
    ...memory,
    async close() {
      await memory.close()
      admin.disconnect()
    },
  }
}
