import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { ConnectionOptions } from 'nestjs-agent-memory'
import { RealRedisSentinel } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { succeeds } from '../../support/succeeds.js'
import { classified, closeAll, errorOf, MARKER, onClose, printed } from './classification-rows.js'

interface State {
  readonly connection?: () => Promise<ConnectionOptions>
  /** Puts the servers into the state; what takes it back is for `onClose`. */
  readonly inflict?: () => Promise<unknown>
  readonly message: RegExp
  /** The text or the code of the root error. */
  readonly cause: RegExp
}

afterEach(closeAll)

describe('what a call says of a master that Sentinels watch, when', () => {
  let set: RealRedisSentinel
  beforeAll(async () => {
    set = await RealRedisSentinel.start({ backend: 'binary', replicas: 0 })
  })
  afterAll(() => set.stop())

  const connection = (): ConnectionOptions => ({ sentinel: { name: set.name, sentinels: [...set.sentinels] } })

  it.each<[string, State]>([
    [
      'it is gone, and nobody takes its place',
      {
        inflict: async () => {
          const fault = await set.killMaster()
          onClose(async () => {
            await fault.restore()
            await set.settled()
          })
        },
        message: /no connection to Redis within 500 ms: nothing listens at the address/,
        cause: /ECONNREFUSED/,
      },
    ],
    [
      'what is asked is no Sentinel',
      {
        connection: async () => {
          const { host, port } = await set.master()
          return { sentinel: { name: set.name, sentinels: [{ host, port }] } }
        },
        message: /no sentinel answers: look at their addresses/,
        cause: /All sentinels are unreachable/,
      },
    ],
  ])(
    '%s',
    async (_, { connection: given, inflict, message, cause }) => {
      const tested = await classified((await given?.()) ?? connection())
      if (given === undefined) await poll(() => succeeds(tested.read()))
      // What is wrong is heard of while the first call waits.
      await inflict?.()
      await errorOf(tested.read())
      for (const call of [tested.append, tested.read]) {
        const error = await errorOf(call())
        expect(error).toMatchObject({ code: 'UNAVAILABLE', executed: 'no', retryable: true })
        expect(error.message).toMatch(message)
        const root = error.cause as Error & { readonly code?: string }
        expect(`${root.code} ${root.message}`).toMatch(cause)
        expect(printed(error)).not.toContain(MARKER)
      }
      await closeAll()
      const later = await classified(connection(), MARKER, tested.namespace)
      await poll(() => succeeds(later.read()))
      expect(await later.append()).toEqual({ duplicate: false })
    },
    60_000,
  )
})
