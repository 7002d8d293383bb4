import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { failFastClient } from '../../support/fail-fast-client.js'
import { poll } from '../../support/poll.js'
import { useFaultProxy } from '../../support/use-fault-proxy.js'

const PUSH = "return redis.call('RPUSH', KEYS[1], ARGV[1])"

const ABORTED = 'Command aborted due to connection close'
const LOST = 'Connection is closed.'

/** The answers there were, and what the error says where there was none. */
const outcomes = async (commands: readonly Promise<unknown>[]): Promise<unknown[]> => {
  const settled = await Promise.allSettled(commands)
  return settled.map((result) => (result.status === 'fulfilled' ? result.value : (result.reason as Error).message))
}

describeWithRedis(
  'FaultProxy: scripted faults',
  (redis) => {
    const tested = useFaultProxy(redis)

    it.each([2, 3] as const)(
      'loses the reply of the 3rd EVALSHA, and no other before it (RESP%d)',
      async (protocol) => {
        const { proxy, direct, key } = tested
        const other = await failFastClient(proxy.url, { protocol })
        const sha = String(await direct.script('LOAD', PUSH))
        const fault = proxy.on({ command: 'evalsha', nth: 3 }, 'drop-reply')
        const commands = ['a', 'b', 'c', 'd'].flatMap((value) => [other.evalsha(sha, 1, key, value), other.ping()])
        expect(await outcomes(commands)).toEqual([1, 'PONG', 2, 'PONG', LOST, LOST, LOST, LOST])
        expect(await direct.lrange(key, 0, -1)).toEqual(['a', 'b', 'c'])
        expect(fault.hits).toBe(1)
        expect(proxy.faults.droppedReplies).toBe(1)
        other.disconnect()
      },
    )

    it('loses one reply of a pipeline', async () => {
      const { proxy, client, direct, key } = tested
      proxy.on({ command: 'rpush', nth: 2 }, 'drop-reply')
      const pipeline = client.pipeline(['a', 'b', 'c'].map((value) => ['rpush', key, value]))
      const results = await pipeline.exec()
      expect(results?.map(([error, answer]) => error?.message ?? answer)).toEqual([1, ABORTED, ABORTED])
      expect(await direct.lrange(key, 0, -1)).toEqual(['a', 'b'])
    })

    it('counts replies that are nested, empty and split', async () => {
      const { proxy, client, direct, key } = tested
      await direct.call('XADD', key, '*', 'field', 'value')
      proxy.slice(3)
      proxy.on({ command: 'SET' }, 'drop-reply')
      const missing = `${key}:missing`
      const commands = [
        client.xrange(key, '-', '+'),
        client.hgetall(missing),
        client.get(missing),
        client.call('COMMAND', 'INFO', 'get', 'no-such-command'),
        client.echo('*2\r\n$1\r\n'),
        client.set(missing, '1', 'EX', 60),
      ]
      const answers = await outcomes(commands)
      expect(answers.at(0)).toMatchObject([[expect.any(String), ['field', 'value']]])
      expect(answers.slice(1, 3)).toEqual([{}, null])
      expect(answers.slice(4)).toEqual(['*2\r\n$1\r\n', LOST])
      expect(await direct.getdel(missing)).toBe('1')
    })

    it('tear-reply: the client gets the first byte of it', async () => {
      const { proxy, client, direct, key } = tested
      proxy.on({ command: 'INCR' }, 'tear-reply')
      expect(await outcomes([client.incr(key)])).toEqual([LOST])
      expect(await direct.get(key)).toBe('1')
      expect(proxy.faults).toMatchObject({ tornReplies: 1, droppedReplies: 1 })
    })

    it.each(['cut-before', 'tear-request'] as const)(
      '%s: it is not executed, what came before it is',
      async (action) => {
        const { proxy, client, direct, key } = tested
        const fault = proxy.on({ command: 'INCRBY' }, action)
        const commands = [client.incr(key), client.incrby(key, 10)]
        // On one connection the commands of one turn go out together; the reset may be quicker than the first answer.
        await outcomes(commands)
        await poll(async () => (await direct.get(key)) === '1')
        expect(fault.hits).toBe(1)
        expect(proxy.faults).toMatchObject(action === 'cut-before' ? { cutBefore: 1 } : { tornRequests: 1 })
      },
    )

    it('blackhole: from this command on nothing gets through', async () => {
      const { proxy, client, direct, key } = tested
      proxy.on({ command: 'INCRBY' }, 'blackhole')
      expect(await client.incr(key)).toBe(1)
      const answers = outcomes([client.incrby(key, 10), client.incr(key)])
      await poll(() => proxy.faults.blackholed > 0)
      expect(await direct.get(key)).toBe('1')
      await proxy.restore()
      expect(await answers).toEqual([11, 12])
    })

    it('delay: this command and what follows it are late', async () => {
      const { proxy, client, key } = tested
      proxy.on({ command: 'INCRBY' }, 'delay', { ms: 150 })
      const start = performance.now()
      const times = [client.incr(key), client.incrby(key, 10), client.incr(key)].map(async (answer) => {
        await answer
        return performance.now() - start
      })
      const [first = 0, second = 0, third = 0] = await Promise.all(times)
      expect(first).toBeLessThan(second)
      expect(second).toBeGreaterThanOrEqual(145)
      expect(third).toBeGreaterThanOrEqual(second)
      expect(proxy.faults.delayed).toBe(1)
    })

    it('finds its command by what it is given, as often as it is to', async () => {
      const { proxy, client, key } = tested
      const fault = proxy.on({ when: (args) => args[0] === key && args[1] === '7', times: 2 }, 'cut-before')
      expect(await client.incrby(key, 6)).toBe(6)
      expect(await outcomes([client.incrby(key, 7)])).toEqual([LOST])
      const second = await failFastClient(proxy.url)
      expect(await outcomes([second.decrby(key, 7)])).toEqual([LOST])
      const third = await failFastClient(proxy.url)
      expect(await third.incrby(key, 7)).toBe(13)
      expect(fault.hits).toBe(2)
      third.disconnect()
    })

    it('is taken back by remove() and restore()', async () => {
      const { proxy, client, key } = tested
      const removed = proxy.on({ command: 'INCR' }, 'cut-before')
      proxy.on({ command: 'DECR' }, 'cut-before')
      removed.remove()
      expect(await client.incr(key)).toBe(1)
      await proxy.restore()
      expect(await client.decr(key)).toBe(0)
      expect(proxy.faults.cutBefore).toBe(0)
    })
  },
  { standalone: 'it is about RealRedis' },
)
