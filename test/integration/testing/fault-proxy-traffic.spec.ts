import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from '@jest/globals'
import { describeWithRedis, FaultProxy } from 'nestjs-agent-memory/testing'
import { failFastClient } from '../../support/fail-fast-client.js'
import { poll } from '../../support/poll.js'
import { useFaultProxy } from '../../support/use-fault-proxy.js'

const milliseconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const LOST = 'Connection is closed.'

/** What a command ended with: `'answered'`, or what its error says. */
const outcome = (command: Promise<unknown>): Promise<string> =>
  command.then(
    () => 'answered',
    (error: Error) => error.message,
  )

describeWithRedis(
  'FaultProxy: traffic',
  (redis) => {
    const tested = useFaultProxy(redis)

    it('a black hole lets nothing through, and restore() delivers what it kept, in order', async () => {
      const { proxy, client, direct, key } = tested
      proxy.blackhole()
      const answers: number[] = []
      const pushed = Promise.all(['a', 'b', 'c'].map(async (value) => answers.push(await client.rpush(key, value))))
      const late = connect(proxy.port, proxy.host)
      await once(late, 'connect')
      await poll(() => proxy.faults.blackholed > 0)
      expect(await direct.exists(key)).toBe(0)
      expect(answers).toEqual([])
      expect(proxy.connections).toBe(2)
      await proxy.restore()
      await pushed
      expect(answers).toEqual([1, 2, 3])
      expect(await direct.lrange(key, 0, -1)).toEqual(['a', 'b', 'c'])
      late.destroy()
    })

    it('a black hole holds the answer of a command that was executed', async () => {
      const { proxy, client, direct, key } = tested
      proxy.latency(50)
      let answered = false
      const answer = client.incr(key).finally(() => (answered = true))
      await poll(async () => (await direct.get(key)) === '1')
      proxy.blackhole()
      await poll(() => proxy.faults.blackholed === 1)
      expect(answered).toBe(false)
      await proxy.restore()
      expect(await answer).toBe(1)
    })

    it.each([
      { ghosts: false, executed: 0 },
      { ghosts: true, executed: 1 },
    ])(
      'what a client had sent who gave up in a black hole: $executed executed, with ghosts: $ghosts',
      async (given) => {
        const { proxy, client, direct, key } = tested
        proxy.blackhole()
        const lost = outcome(client.incr(key))
        await poll(() => proxy.faults.blackholed > 0)
        client.disconnect()
        expect(await lost).toBe(LOST)
        await poll(() => proxy.connections === 0)
        await proxy.restore({ ghosts: given.ghosts })
        const later = await failFastClient(proxy.url)
        await later.ping()
        if (given.executed === 1) await poll(async () => (await direct.get(key)) === '1')
        expect(Number(await direct.get(key))).toBe(given.executed)
        later.disconnect()
      },
    )

    it('latency() is there in each direction, and keeps the order', async () => {
      const { proxy, client, direct, key } = tested
      proxy.latency(40, { jitter: 20 })
      expect(await milliseconds(() => client.ping())).toBeGreaterThanOrEqual(75)
      const values = Array.from({ length: 30 }, (_, index) => String(index))
      await Promise.all(
        values.map(async (value) => {
          await new Promise(setImmediate)
          return client.rpush(key, value)
        }),
      )
      expect(await direct.lrange(key, 0, -1)).toEqual(values)
      expect(proxy.faults.delayed).toBeGreaterThanOrEqual(4)
      await proxy.restore()
      await poll(async () => (await milliseconds(() => client.ping())) < 40)
    })

    it('takes jitter from the numbers it is given', async () => {
      await using other = await FaultProxy.before(redis, { random: () => 0.5 })
      const slow = await failFastClient(other.url)
      other.latency(0, { jitter: 100 })
      expect(await milliseconds(() => slow.ping())).toBeGreaterThanOrEqual(95)
      slow.disconnect()
    })

    it('dropReplies() has the command executed, and its answer never comes', async () => {
      const { proxy, client, direct, key } = tested
      proxy.dropReplies()
      expect(await outcome(client.incr(key))).toBe(LOST)
      expect(await direct.get(key)).toBe('1')
      expect(proxy.faults.droppedReplies).toBe(1)
      const later = await failFastClient(proxy.url)
      expect(await later.incr(key)).toBe(2)
      later.disconnect()
    })

    it('dropReplies() loses all the replies of a pipeline, of which every command is executed', async () => {
      const { proxy, client, direct, key } = tested
      proxy.dropReplies()
      const pipeline = client.pipeline(['a', 'b', 'c'].map((value) => ['rpush', key, value]))
      const results = await pipeline.exec()
      expect(results?.map(([error]) => error?.message)).toEqual([LOST, LOST, LOST])
      expect(await direct.lrange(key, 0, -1)).toEqual(['a', 'b', 'c'])
      expect(proxy.faults.droppedReplies).toBe(3)
    })

    it('dropReplies(2) does so to two connections, one after the other', async () => {
      const { proxy, client, direct, key } = tested
      const second = await failFastClient(proxy.url)
      proxy.dropReplies(2)
      const outcomes = [await outcome(client.incr(key)), await outcome(second.incr(key))]
      const third = await failFastClient(proxy.url)
      expect([...outcomes, await outcome(third.incr(key))]).toEqual([LOST, LOST, 'answered'])
      expect(await direct.get(key)).toBe('3')
      second.disconnect()
      third.disconnect()
    })

    it('cutBeforeForwarding() has nothing executed', async () => {
      const { proxy, client, direct, key } = tested
      proxy.cutBeforeForwarding()
      expect(await outcome(client.incr(key))).toBe(LOST)
      expect(await direct.exists(key)).toBe(0)
      expect(proxy.faults.cutBefore).toBe(1)
      const later = await failFastClient(proxy.url)
      expect(await later.incr(key)).toBe(1)
      later.disconnect()
    })

    it('resetAfter() lets so many bytes of replies through, once', async () => {
      const { proxy, client, direct, key } = tested
      await direct.set(key, 'x'.repeat(1_000), 'EX', 60)
      const socket = connect(proxy.port, proxy.host)
      await once(socket, 'connect')
      proxy.resetAfter(10)
      const chunks: Buffer[] = []
      socket.on('data', (chunk) => chunks.push(chunk))
      // Whether Node tells of the reset depends on whether it has read the data before.
      socket.on('error', () => undefined)
      socket.write('ECHO 0123456789abcdef\r\n')
      await once(socket, 'close')
      expect(Buffer.concat(chunks)).toHaveLength(10)
      expect(proxy.faults.resetAfter).toBe(1)
      expect(await client.get(key)).toHaveLength(1_000)
    })

    it('resetAfter() of requests leaves the server with a part of a command, which it does not execute', async () => {
      const { proxy, client, direct, key } = tested
      proxy.resetAfter(20, 'requests')
      expect(await outcome(client.set(key, 'x'.repeat(100), 'EX', 60))).toBe(LOST)
      expect(await direct.exists(key)).toBe(0)
      expect(proxy.faults.resetAfter).toBe(1)
    })

    it('slice(1) gives the same data byte by byte', async () => {
      const { proxy, client, key } = tested
      proxy.slice(1)
      const text = 'ä€😀'.repeat(100)
      expect(await client.set(key, text, 'EX', 60)).toBe('OK')
      expect(await client.get(key)).toBe(text)
      expect(proxy.faults.slices).toBeGreaterThan(2 * Buffer.byteLength(text))
    })

    it('bandwidth() is what gets through in a second', async () => {
      const { proxy, client, direct, key } = tested
      await direct.set(key, 'x'.repeat(20_000), 'EX', 60)
      proxy.bandwidth(40_000)
      const took = await milliseconds(() => client.get(key))
      expect(took).toBeGreaterThan(350)
      expect(took).toBeLessThan(3_000)
      expect(proxy.faults.throttled).toBeGreaterThan(5)
    })

    it('makes a sender wait that sends more than a black hole keeps', async () => {
      const { proxy, direct } = tested
      proxy.blackhole()
      const socket = connect(proxy.port, proxy.host)
      await once(socket, 'connect')
      const megabyte = Buffer.alloc(1024 * 1024, 'x')
      for (let sent = 0; sent < 64; sent += 1) socket.write(megabyte)
      const standsStill = async (): Promise<boolean> => {
        const before = socket.writableLength
        for (let turn = 0; turn < 50; turn += 1) await direct.ping()
        return before === socket.writableLength
      }
      await poll(standsStill)
      expect(socket.writableLength).toBeGreaterThan(16 * 1024 * 1024)
      socket.destroy()
    })
  },
  { standalone: 'it is about RealRedis' },
)
