import type { Redis } from 'ioredis'
import type { ArmedFault } from './matrix-fault.interface.js'
import { until } from './until.js'

const PREFIX = 'filler'
const KEYS = 1_000
const BYTES = 1_200
/** For each key, in microseconds: all of them together take longer than a call may. */
const DELAY = 3_000

const isLoading = (admin: Redis): Promise<boolean> =>
  admin.ping().then(
    () => false,
    (error: unknown) => error instanceof Error && error.message.startsWith('LOADING'),
  )

/** Has the server load its own data once more, and much beside it, slowly. It has to allow DEBUG, and to look up from loading often. */
export const loadingAgain = async (admin: Redis): Promise<ArmedFault> => {
  await admin.call('DEBUG', 'POPULATE', KEYS, PREFIX, BYTES)
  await admin.config('SET', 'key-load-delay', DELAY)
  const loader = admin.duplicate()
  loader.on('error', () => undefined)
  const loaded = loader.call('DEBUG', 'RELOAD').finally(() => loader.disconnect())
  loaded.catch(() => undefined)
  await until(() => isLoading(admin), 'the server does not load')
  return {
    happened: () => true,
    lift: async () => {
      await admin.config('SET', 'key-load-delay', 0)
      await loaded
      await admin.unlink(...Array.from({ length: KEYS }, (_, index) => `${PREFIX}:${index}`))
    },
  }
}
