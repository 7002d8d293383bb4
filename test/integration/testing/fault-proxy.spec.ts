import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { describeWithRedis, FaultProxy } from 'nestjs-agent-memory/testing'
import { failFastClient } from '../../support/fail-fast-client.js'
import { poll } from '../../support/poll.js'
import { succeeds } from '../../support/succeeds.js'
import { useFaultProxy } from '../../support/use-fault-proxy.js'

/** As another proxy does that looks for a port, in whatever process. @throws EADDRINUSE where one holds it */
const takeReservation = async (port: number): Promise<void> => {
  const socket = createSocket('udp4').bind({ port, address: '127.0.0.1', exclusive: true })
  try {
    await once(socket, 'listening')
  } finally {
    socket.close()
  }
}

describeWithRedis(
  'FaultProxy: connections',
  (redis) => {
    const tested = useFaultProxy(redis)

    it('forwards as it is, and counts commands', async () => {
      const { proxy, client, key } = tested
      const text = 'ä'.repeat(50_000)
      expect(await client.set(key, text, 'EX', 60)).toBe('OK')
      expect(await client.get(key)).toBe(text)
      const results = await client
        .pipeline(Array.from({ length: 50 }, () => ['get', key]))
        .append(key, 'x')
        .exec()
      expect(results).toHaveLength(51)
      expect([proxy.commands('get'), proxy.commands('SET'), proxy.commands('append')]).toEqual([51, 1, 1])
      expect(proxy.commands()).toBe(53 + proxy.commands('hello'))
      expect(proxy.connections).toBe(1)
      expect(Object.values(proxy.faults).every((count) => count === 0)).toBe(true)
    })

    it('keeps the credentials and the database of a URL', async () => {
      await using other = await FaultProxy.before({
        host: redis.host,
        port: redis.port,
        url: 'redis://ada:s%40fe@example.test:7000/3',
      })
      expect(other.url).toBe(`redis://ada:s%40fe@127.0.0.1:${other.port}/3`)
    })

    it('cut() resets the connections there are, and accepts later ones', async () => {
      const { proxy, client, key } = tested
      const pending = client.blpop(key, 30).catch((error: Error) => error.message)
      await poll(() => proxy.commands('BLPOP') === 1)
      proxy.cut()
      expect(await pending).toBe('Connection is closed.')
      expect(proxy.faults.cut).toBe(1)
      await poll(() => proxy.connections === 0)
      const later = await failFastClient(proxy.url)
      expect(await later.ping()).toBe('PONG')
      later.disconnect()
    })

    it('resets by ECONNRESET, on the side of the server too', async () => {
      const { proxy, client, direct, key } = tested
      const isConnected = async (): Promise<boolean> => String(await direct.client('LIST')).includes(`name=${key} `)
      await client.client('SETNAME', key)
      expect(await isConnected()).toBe(true)
      const failed = once(client, 'error')
      proxy.cut()
      const [error] = (await failed) as [NodeJS.ErrnoException]
      expect(error.code).toBe('ECONNRESET')
      await poll(async () => !(await isConnected()))
      expect(proxy.connections).toBe(0)
    })

    it('refuse() resets the connections, and nobody listens until restore()', async () => {
      const { proxy } = tested
      await proxy.refuse()
      expect(proxy.faults).toMatchObject({ refused: 1, cut: 1 })
      const socket = connect(proxy.port, proxy.host)
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
      expect(error.code).toBe('ECONNREFUSED')
      await proxy.restore()
      const later = await failFastClient(proxy.url)
      expect(await later.ping()).toBe('PONG')
      later.disconnect()
    })

    it('refuses time after time on the same port', async () => {
      const { proxy } = tested
      const { port } = proxy
      const again = async (left: number): Promise<void> => {
        if (left === 0) return
        await proxy.refuse()
        await proxy.restore()
        await again(left - 1)
      }
      await again(20)
      expect(proxy.port).toBe(port)
      const later = await failFastClient(proxy.url)
      expect(await later.ping()).toBe('PONG')
      later.disconnect()
    })

    it('keeps its port from other proxies while nobody listens on it', async () => {
      const { proxy } = tested
      await proxy.refuse()
      const others = await Promise.all(Array.from({ length: 300 }, () => FaultProxy.before(redis)))
      expect(new Set([proxy, ...others].map(({ port }) => port)).size).toBe(301)
      await Promise.all(others.map((other) => other.refuse()))
      const more = await Promise.all(Array.from({ length: 300 }, () => FaultProxy.before(redis)))
      expect(new Set([proxy, ...others, ...more].map(({ port }) => port)).size).toBe(601)
      await Promise.all([...others, ...more].map((other) => other.close()))
    })

    it.each([
      ['while it serves', (): undefined => undefined],
      ['while it refuses', async (proxy: FaultProxy): Promise<void> => await proxy.refuse()],
    ])('holds its port for all processes %s, and no longer', async (_, turn) => {
      const { proxy } = tested
      await turn(proxy)
      await expect(takeReservation(proxy.port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
      await proxy.close()
      await poll(async () => await succeeds(takeReservation(proxy.port)))
    })

    it('takes its port up again once who has got it meanwhile lets go of it', async () => {
      const { proxy } = tested
      await proxy.refuse()
      const other = createServer().listen(proxy.port, proxy.host)
      await once(other, 'listening')
      const restored = proxy.restore()
      const early = await Promise.race([restored.then(() => true), once(other, 'connection'), setTimeout(100, false)])
      expect(early).toBe(false)
      other.close()
      await restored
      const later = await failFastClient(proxy.url)
      expect(await later.ping()).toBe('PONG')
      later.disconnect()
    })

    it('resets a client whose server is not there', async () => {
      await using before = await FaultProxy.before({ host: '127.0.0.1', port: 1 })
      const socket = connect(before.port, before.host)
      socket.resume()
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
      expect(error.code).toBe('ECONNRESET')
    })

    it('forwards the end of a client that still waits for its answers', async () => {
      const { proxy } = tested
      const socket = connect({ port: proxy.port, host: proxy.host, allowHalfOpen: true })
      socket.end('PING\r\nPING\r\n')
      expect(Buffer.concat(await socket.toArray()).toString()).toMatch(/^(\+PONG\r\n\+PONG\r\n|-NOAUTH[^]*)$/)
      await poll(() => proxy.connections === 1)
    })

    it('closes once and for all', async () => {
      const { proxy } = tested
      await proxy.close()
      await proxy.close()
      await proxy.restore()
      const socket = connect(proxy.port, proxy.host)
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
      expect(error.code).toBe('ECONNREFUSED')
    })

    it.each([
      ['latency(ms)', (p: FaultProxy) => p.latency(-1)],
      ['latency(ms, { jitter })', (p: FaultProxy) => p.latency(1, { jitter: Number.NaN })],
      ['slice(bytes)', (p: FaultProxy) => p.slice(0)],
      ['bandwidth(bytesPerSecond)', (p: FaultProxy) => p.bandwidth(0)],
      ['on({ nth })', (p: FaultProxy) => p.on({ nth: 0 }, 'cut-before')],
    ])('refuses a number that makes no sense: %s', (name, act) => {
      const { proxy } = tested
      expect(() => act(proxy)).toThrow(`FaultProxy.${name}: `)
    })
  },
  { standalone: 'it is about RealRedis' },
)
