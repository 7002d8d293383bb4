import { randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import { poll } from '../poll.js'
import { readServerInfo } from '../server-info.js'
import type { ServerControls } from './server-controls.js'
import type { ServerFault } from './server-fault.interface.js'

const PREFIX = 'agent-memory-loading:'
const KEYS = 3_000
const BATCH = 1_000
/** Of random bytes, which a snapshot cannot make smaller. */
const VALUE_BYTES = 768
const TTL_MS = 3_600_000
/** For each key; all of them together take longer than any test. */
const DELAY_MICROSECONDS = 20_000
const TIMEOUT_MS = 10_000

const write = async (admin: Redis): Promise<void> => {
  for (let from = 0; from < KEYS; from += BATCH) {
    const pipeline = admin.pipeline()
    for (let index = from; index < from + BATCH; index += 1)
      pipeline.set(`${PREFIX}${index}`, randomBytes(VALUE_BYTES), 'PX', TTL_MS)
    await pipeline.exec()
  }
}

const remove = async (admin: Redis): Promise<void> => {
  const names = Array.from({ length: KEYS }, (_, index) => `${PREFIX}${index}`)
  for (let from = 0; from < KEYS; from += BATCH) await admin.unlink(...names.slice(from, from + BATCH))
}

export const loading = async (controls: ServerControls): Promise<ServerFault> => {
  await write(await controls.admin())
  await controls.leave()
  await controls.process.restart({
    keepData: true,
    loading: true,
    // The second one: how often it looks up from loading and answers.
    args: ['--key-load-delay', String(DELAY_MICROSECONDS), '--loading-process-events-interval-bytes', '1024'],
  })
  return controls.fault(async () => {
    const admin = await controls.admin()
    await admin.config('SET', 'key-load-delay', 0)
    const loaded = await poll(async () => {
      const { loading: still } = await readServerInfo(controls.url)
      return still ? undefined : true
    }, TIMEOUT_MS)
    if (loaded === undefined) throw new Error(`RealRedis.loading(): not loaded within ${TIMEOUT_MS} ms`)
    await remove(await controls.admin())
  })
}
