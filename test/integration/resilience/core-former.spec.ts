import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Redis } from 'ioredis'
import { describeWithRedis, RealRedisCluster } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import { poll } from '../../support/poll.js'
import { openQuietMemory, type QuietMemory } from '../../support/quiet-memory.js'
import { succeeds } from '../../support/succeeds.js'

const user = (content: string) => ({ role: 'user', content }) as const

/** A way to a server that can swallow what comes on the connections that stand, while new ones go through. */
class Way {
  private readonly server: Server
  private readonly pairs: (readonly [client: Socket, server: Socket])[] = []
  private port = 0

  constructor(to: string) {
    const { hostname, port } = new URL(to)
    this.server = createServer((client) => {
      const server = connect(Number(port), hostname)
      this.pairs.push([client, server])
      client.on('data', (data) => server.write(data))
      server.on('data', (data) => client.write(data))
      for (const socket of [client, server]) socket.on('error', () => undefined)
      // The server hears nothing of a client that is gone, as when a router died; the client does of the server.
      server.on('close', () => client.destroy())
    })
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  async listen(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = (this.server.address() as AddressInfo).port
  }

  stop(): void {
    this.server.close()
  }

  /** Answers the server's ends of the connections, which stay open. */
  swallow(): Socket[] {
    for (const [client, server] of this.pairs) {
      client.removeAllListeners('data')
      client.resume()
      server.removeAllListeners('data')
      server.resume()
    }
    return this.pairs.map(([, server]) => server)
  }

  close(): void {
    for (const sockets of this.pairs) for (const socket of sockets) socket.destroy()
    this.server.close()
  }
}

describeWithRedis(
  'a connection that was given up',
  (redis) => {
    let way: Way
    let opened: QuietMemory
    let others: Redis[]
    beforeAll(async () => {
      others = [redis.client()]
      // So that the memory's number is one that a new start is far from: finding out that a server is there takes some.
      await clientNumbered(100)
      way = new Way(redis.url)
      await way.listen()
      opened = await openQuietMemory({
        connection: { url: way.url },
        namespace: `core-former-${randomUUID()}`,
        resilience: { deadline: '500ms' },
      })
      await poll(() => succeeds(opened.memory.session('s').info()))
    })
    afterAll(async () => {
      await opened.app.close()
      way.close()
      for (const client of others) client.disconnect()
    })

    const idOf = async (): Promise<number> => {
      const list = String(await others[0]!.client('LIST'))
      return Number(/^id=(\d+) .*name=agent-memory/m.exec(list)?.[1])
    }

    /** A server counts its connections from its start: one that was started anew gets to the same number again. */
    const clientNumbered = async (number: number): Promise<Redis> => {
      for (;;) {
        const client = redis.client()
        const own = await client.client('ID')
        if (own === number) {
          others.push(client)
          return client
        }
        // It would come back to a server that was started anew, and take one of the numbers.
        client.disconnect()
        if (own > number) throw new Error(`the server is at ${own} already, past ${number}`)
      }
    }

    it('is ended by the server before the next one is used, though the server has heard nothing', async () => {
      const session = opened.memory.session('s')
      await session.append(user('0'))
      const former = await idOf()
      const ends = way.swallow()
      expect(ends.map(({ destroyed }) => destroyed)).toEqual([false])
      await session.append(user('1'))
      expect(ends.every((socket) => socket.destroyed || socket.readableEnded)).toBe(true)
      expect(await idOf()).toBeGreaterThan(former)
    })

    it('leaves alone whoever has its number on a server that was started anew', async () => {
      const former = await idOf()
      way.stop()
      await redis.restart({ keepData: true })
      const namesake = await clientNumbered(former)
      await way.listen()
      await poll(() => succeeds(opened.memory.session('s').info()))
      expect(await namesake.client('ID')).toBe(former)
    })
  },
  { standalone: 'it counts the connections of one server', backend: 'binary' },
)

describe('a connection to a node of a cluster that was given up', () => {
  it('is ended by the node before the next one is used, though the node has heard nothing', async () => {
    await using cluster = await RealRedisCluster.start({ backend: 'binary', masters: 3, replicas: 0 })
    const nodes = await cluster.topology()
    const ways = nodes.map(({ url }) => new Way(url))
    await Promise.all(ways.map((way) => way.listen()))
    const natMap = Object.fromEntries(
      nodes.map(({ host, port }, index) => {
        const { hostname, port: near } = new URL(ways[index]!.url)
        return [`${host}:${port}`, { host: hostname, port: Number(near) }]
      }),
    )
    const namespace = `core-former-${randomUUID()}`
    const opened = await openQuietMemory({
      connection: { cluster: { nodes: Object.values(natMap), options: { natMap } } },
      namespace,
      resilience: { deadline: '1s' },
    })
    const session = opened.memory.session('s')
    await poll(() => succeeds(session.append(user('0'))))
    const { id } = await cluster.masterOf(sessionKey({ namespace, tenant: undefined, sessionId: 's' }))
    const way = ways[nodes.findIndex((node) => node.id === id)]!
    const ends = way.swallow().filter((socket) => !socket.destroyed)
    expect(ends).not.toEqual([])
    await session.append(user('1'))
    // Of those by which the client only asked for the slots, and which it has closed, the node has heard nothing either.
    expect(ends.filter((socket) => socket.destroyed || socket.readableEnded)).toHaveLength(1)
    expect((await session.messages()).messages).toHaveLength(2)
    await opened.app.close()
    for (const each of ways) each.close()
  }, 60_000)
})
