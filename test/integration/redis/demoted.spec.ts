import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { RealRedis } from 'nestjs-agent-memory/testing'
import { ErrorStats } from '../../chaos/error-stats.js'
import { poll } from '../../support/poll.js'
import { openQuietMemory, type QuietMemory } from '../../support/quiet-memory.js'
import { storing, type StoringMemory } from '../../support/storing-memory.js'

const user = (content: string) => ({ role: 'user', content }) as const

/** An address that leads to one server, and new connections to another one from some time on. */
class Address {
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((client) => {
    const server = connect({ host: '127.0.0.1', port: this.leadsTo.port })
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => other.destroy())
      socket.pipe(other)
    }
  })

  constructor(public leadsTo: { readonly port: number }) {}

  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}

describe('a master that becomes a replica while its connections stay open', () => {
  let former: RealRedis
  let successor: RealRedis
  let address: Address
  let opened: QuietMemory
  let memory: StoringMemory
  beforeAll(async () => {
    former = await RealRedis.start({ backend: 'binary' })
    successor = await RealRedis.start({ backend: 'binary', args: ['--repl-diskless-sync-delay', '0'] })
    address = new Address(former)
    opened = await openQuietMemory({ connection: { url: await address.open() } })
    memory = storing(opened.memory)
  })
  afterAll(async () => {
    await opened[Symbol.asyncDispose]()
    address.close()
    await former.stop()
    await successor.stop()
  })

  it('is left for the server that the address leads to by then, within the call that hears of it', async () => {
    await memory.session('demoted').append(user('to the former'))
    const admin = former.client()
    await admin.replicaof(successor.host, successor.port)
    await poll(async () => (await admin.info('replication')).includes('master_link_status:up'))
    address.leadsTo = successor
    const { stored } = await memory.session('others').append(user('to the successor'))
    expect(stored).toBe('redis')
    const refused = new ErrorStats()
    await refused.collect(admin)
    expect(refused.counts.get('READONLY')).toBeGreaterThan(0)
    // What the former one had not passed on is made again.
    expect((await memory.session('demoted').messages()).messages).toHaveLength(1)
    expect(await successor.client().dbsize()).toBe(2)
  })
})
