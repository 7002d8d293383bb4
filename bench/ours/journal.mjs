import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { ours } from './memory.mjs'

/** With `onOutage: 'journal'`: what is read and written is kept for outages as well. */
export const open = async ({ url }) => {
  const directory = await mkdtemp(join(tmpdir(), 'agent-memory-bench-'))
  const admin = new Redis(url)
  const memory = await ours({ connection: { url }, resilience: { onOutage: 'journal', journal: { directory } } }, admin)
  return {
    ...memory,
    async close() {
      await memory.close()
      admin.disconnect()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
