import { describe, expect, it } from '@jest/globals'
import { describeWithRedis, RealRedis } from 'nestjs-agent-memory/testing'
import { failFastClient } from '../../support/fail-fast-client.js'
import { poll } from '../../support/poll.js'

/** What a command ended with: its answer, or what its error says. */
const outcome = (command: Promise<unknown>): Promise<unknown> => command.catch((error: Error) => error.message)

describeWithRedis(
  'the process of a server of our own',
  (redis) => {
    it('pause() stops it, and resume() has it execute what was sent meanwhile', async () => {
      const client = await failFastClient(redis.url, { commandTimeout: 100 })
      await redis.pause()
      expect(await outcome(client.incr('paused'))).toBe('Command timed out')
      await redis.resume()
      expect(await redis.client().get('paused')).toBe('1')
      client.disconnect()
    })

    it('a pause ends with its block', async () => {
      const client = await failFastClient(redis.url, { commandTimeout: 100 })
      {
        await using _ = await redis.pause()
        expect(await outcome(client.ping())).toBe('Command timed out')
      }
      expect(await outcome(redis.client().ping())).toBe('PONG')
      client.disconnect()
    })

    it('kill() loses what was not saved, and restart() comes back with what was', async () => {
      const client = redis.client()
      await client.set('session', 'old')
      await redis.save()
      await client.set('session', 'new')
      const { port } = redis
      await using fault = await redis.kill()
      await expect(failFastClient(redis.url)).rejects.toThrow('Connection is closed.')
      await redis.restart({ keepData: true })
      expect(redis.port).toBe(port)
      expect(await redis.client().get('session')).toBe('old')
      await fault.restore()
      expect(await redis.client().get('session')).toBe('old')
    })

    it('kill() is taken back by restore(), or by a restart with nothing', async () => {
      await using fault = await redis.kill()
      await expect(redis.pause()).rejects.toThrow('RealRedis.pause(): the server is down')
      await fault.restore()
      expect(await outcome(redis.client().ping())).toBe('PONG')
      await redis.kill()
      await redis.restart({ keepData: false })
      expect(await redis.client().dbsize()).toBe(0)
    })

    it('restarts also a server that is paused', async () => {
      await redis.client().set('kept', 'yes')
      await redis.pause()
      await redis.restart({ keepData: true })
      expect(await redis.client().get('kept')).toBe('yes')
    })

    it('loading() has it answer LOADING, also to new connections, until restore()', async () => {
      await redis.client().set('kept', 'yes')
      await using fault = await redis.loading()
      const client = await failFastClient(redis.url)
      expect(await outcome(client.get('kept'))).toMatch(/^LOADING /)
      await fault.restore()
      expect(await client.get('kept')).toBe('yes')
      expect(await client.dbsize()).toBe(1)
      client.disconnect()
    })
  },
  { standalone: 'it is about RealRedis', backend: 'binary' },
)

describe('RealRedis.stop()', () => {
  it.each([
    ['paused', (redis: RealRedis) => redis.pause()],
    ['killed', (redis: RealRedis) => redis.kill()],
    ['busy', (redis: RealRedis) => redis.busy()],
    ['loading', (redis: RealRedis) => redis.loading()],
    ['read-only', (redis: RealRedis) => redis.readOnly({ staleReads: false })],
  ])('puts a server right first that is %s, so that what is open on it can close', async (_, act) => {
    const redis = await RealRedis.start({ backend: 'binary' })
    const { url } = redis
    const closed: unknown[] = []
    redis.beforeStop(async () => {
      const client = await failFastClient(url, { commandTimeout: 1_000 })
      closed.push(await outcome(client.set('closing', '1', 'EX', 60)))
      client.disconnect()
    })
    await act(redis)
    const start = performance.now()
    await redis.stop()
    expect(closed).toEqual(['OK'])
    expect(performance.now() - start).toBeLessThan(4_000)
  })

  it('closes what comes last after all others', async () => {
    const redis = await RealRedis.start({ backend: 'binary' })
    const order: string[] = []
    redis.beforeStop(() => Promise.resolve(void order.push('proxy')), 'last')
    redis.beforeStop(async () => {
      await poll(() => true)
      order.push('application')
    })
    await redis.stop()
    expect(order).toEqual(['application', 'proxy'])
  })
})

describeWithRedis(
  'a server that is not ours',
  (redis) => {
    it.each(['pause', 'resume', 'kill', 'save', 'misconf', 'loading', 'busy', 'scriptFlush'] as const)(
      'is left alone: %s',
      async (method) => {
        const act = async (): Promise<unknown> => redis[method]()
        await expect(act()).rejects.toThrow(
          `RealRedis.${method}() needs a server of { backend: 'binary' }; this one is of "`,
        )
      },
    )
  },
  { standalone: 'it is about RealRedis' },
)
