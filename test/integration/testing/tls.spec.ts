import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { connect, type TLSSocket } from 'node:tls'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis, type RedisOptions } from 'ioredis'
import { MemoryModule } from 'nestjs-agent-memory'
import { createMemoryTestingModule, FaultProxy, RealRedis } from 'nestjs-agent-memory/testing'
import { withEnvironment } from '../../support/scoped-environment.js'

const ping = async (url: string, tls: RedisOptions['tls']): Promise<string> => {
  const client = new Redis(url, { tls, lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
  const failed = once(client, 'error').then(
    ([error]: unknown[]) => (error as NodeJS.ErrnoException).code ?? String(error),
  )
  try {
    return await Promise.race([client.ping(), failed])
  } catch {
    return await failed
  } finally {
    client.disconnect()
  }
}

const shown = async ({ host, port, tls }: RealRedis) => {
  const socket: TLSSocket = connect({ host, port, ...tls, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { subject, valid_to: until, subjectaltname: names } = socket.getPeerCertificate()
  const { authorized, authorizationError: why } = socket
  socket.destroy()
  return { subject, until: new Date(until), names, authorized, why: why as unknown as string | null }
}

describe('RealRedis with TLS', () => {
  let redis: RealRedis
  beforeAll(async () => {
    redis = await RealRedis.start({ tls: true })
  })
  afterAll(() => redis.stop())

  it('says where it is, and what a client needs', async () => {
    expect(redis).toMatchObject({ backend: 'binary', host: '127.0.0.1' })
    expect(redis.url).toBe(`rediss://127.0.0.1:${redis.port}`)
    expect(Object.keys(redis.tls ?? {})).toEqual(['ca', 'cert', 'key'])
    expect(await ping(redis.url, redis.tls)).toBe('PONG')
    expect(await ping(`rediss://localhost:${redis.port}`, redis.tls)).toBe('PONG')
    expect(await ping(redis.url, { ca: redis.tls!.ca })).toBe('PONG')
    expect(await ping(redis.url, {})).toMatch(/^SELF_SIGNED_CERT_IN_CHAIN$/)
  })

  it('is looked at without TLS', async () => {
    expect(await redis.client().ping()).toBe('PONG')
  })

  it('shows other certificates, until that is taken back', async () => {
    expect(await shown(redis)).toMatchObject({ authorized: true, names: expect.stringContaining('localhost') })
    const expired = await redis.serverCertificate('expired')
    const { until, ...what } = await shown(redis)
    expect(until.getTime()).toBeLessThan(Date.now())
    expect(what).toMatchObject({ authorized: false, why: 'CERT_HAS_EXPIRED' })
    await expired.restore()
    const other = await redis.serverCertificate('other-name')
    expect(await shown(redis)).toMatchObject({ names: 'DNS:other.example' })
    await other.restore()
    expect(await shown(redis)).toMatchObject({ authorized: true })
  })

  it('keeps its certificates through a restart', async () => {
    const { port } = redis
    await redis.restart({ keepData: false })
    expect(redis.port).toBe(port)
    expect(await ping(redis.url, redis.tls)).toBe('PONG')
  })

  it('gives users an address with TLS', async () => {
    const { url, restore } = await redis.aclUser({ name: 'somebody', rules: ['+@all', '~*'], password: 'pw' })
    expect(url).toBe(`rediss://somebody:pw@127.0.0.1:${redis.port}`)
    expect(await ping(url, redis.tls)).toBe('PONG')
    await restore()
  })

  it('serves an application under test, and one behind a FaultProxy', async () => {
    const imports = [MemoryModule.forRoot({ connection: { url: 'redis://nowhere' } })]
    const proxy = await FaultProxy.before(redis)
    for (const through of [redis, proxy]) {
      const { memory, ...opened } = await createMemoryTestingModule({ redis, imports, through })
      await memory.session('a').append({ role: 'user', content: 'by TLS' })
      expect((await memory.session('a').messages()).messages).toHaveLength(1)
      await opened.close()
    }
    await proxy.close()
  })
})

describe('RealRedis that asks for certificates', () => {
  it('takes those of its authority that are valid, and no others', async () => {
    await using redis = await RealRedis.start({ tls: { clientCertificates: 'required' } })
    expect(await ping(redis.url, redis.tls)).toBe('PONG')
    expect(await ping(redis.url, { ca: redis.tls!.ca })).toMatch(/CERTIFICATE_REQUIRED|ECONNRESET/)
    expect(await ping(redis.url, redis.expiredTls)).toMatch(/CERTIFICATE_EXPIRED|ECONNRESET/)
  })
})

describe('RealRedis, of which TLS is asked for', () => {
  it('is refused with another backend', async () => {
    await expect(RealRedis.start({ tls: true, backend: 'docker' })).rejects.toThrow(
      `RealRedis.start({ tls }) needs { backend: 'binary' }; "docker" was asked for`,
    )
  })

  it('says what is missing without openssl', async () => {
    const binary = process.env['AGENT_MEMORY_TEST_REDIS_BINARY'] ?? '/usr/bin/redis-server'
    await withEnvironment({ PATH: '/nowhere', AGENT_MEMORY_TEST_REDIS_BINARY: binary }, async () => {
      await expect(RealRedis.start({ tls: true })).rejects.toThrow(
        /needs the command openssl in PATH.*install the package/,
      )
    })
  })

  it('leaves no file behind', async () => {
    const before = new Set(readdirSync(tmpdir()))
    const redis = await RealRedis.start({ tls: true })
    const answer: unknown = await redis.client().config('GET', 'dir')
    const folder = Array.isArray(answer) ? String(answer[1]) : ''
    expect(existsSync(`${folder}/configuration/key.pem`)).toBe(true)
    await redis.stop()
    expect(existsSync(folder)).toBe(false)
    const left = readdirSync(tmpdir()).filter((name) => name.startsWith('agent-memory-tls-') && !before.has(name))
    expect(left).toEqual([])
  })

  it('and not started, has no certificate to change', async () => {
    await using redis = await RealRedis.start({ backend: 'binary' })
    expect(redis.tls).toBeUndefined()
    expect(() => redis.serverCertificate('expired')).toThrow(/needs a server with TLS/)
  })
})
