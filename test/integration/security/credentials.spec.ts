import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals'
import { Test } from '@nestjs/testing'
import {
  MemoryModule,
  MemoryService,
  type ConnectionOptions,
  type Credentials,
  type CredentialsProvider,
} from 'nestjs-agent-memory'
import { describeWithRedis, RealRedisSentinel, type RealRedis } from 'nestjs-agent-memory/testing'
import { classified, closeAll, DEADLINE, errorOf, onClose, printed } from '../faults/classification-rows.js'
import { poll } from '../../support/poll.js'
import { RecordingLogger } from '../../support/recording-logger.js'

const USER = 'rotating'
const SECRET = 'hunter2'
const RULES = ['~am:{*', '+@all']

/** A provider whose answer changes, and that counts how often it is asked. */
class Vault {
  asked = 0
  password = 'password-0'
  readonly credentials: CredentialsProvider = async () => {
    this.asked++
    await delay(1)
    return { username: USER, password: this.password }
  }
}

type Way = (redis: RealRedis, credentials: CredentialsProvider) => ConnectionOptions

const WAYS: readonly (readonly [string, readonly string[], Way])[] = [
  ['one server', [], ({ url }, credentials) => ({ url, credentials })],
  [
    'a cluster',
    ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
    ({ host, port }, credentials) => ({ cluster: { nodes: [{ host, port }] }, credentials }),
  ],
]

const openMemory = async (connection: ConnectionOptions, logger = new RecordingLogger()): Promise<MemoryService> => {
  const namespace = `credentials-${randomUUID()}`
  const module = await Test.createTestingModule({ imports: [MemoryModule.forRoot({ connection, namespace })] })
    .setLogger(logger)
    .compile()
  onClose(() => module.close())
  return module.get(MemoryService)
}

/** Ends the connections of the user; answers how many there were. */
const killConnections = async (redis: RealRedis): Promise<number> =>
  Number(await redis.client().call('CLIENT', 'KILL', 'USER', USER))

const logins = async (redis: RealRedis): Promise<number> => {
  const entries = (await redis.client().call('ACL', 'LOG')) as unknown[][]
  return entries.filter((entry) => entry.map(String).includes('auth')).length
}

afterEach(closeAll)

for (const [name, args, way] of WAYS) {
  describeWithRedis(
    `the credentials of each connection to ${name}`,
    (redis) => {
      beforeAll(async () => {
        if (args.length === 0) return
        await redis.client().call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
        await poll(async () => (await redis.client().cluster('INFO')).includes('cluster_state:ok'))
      })

      const withUser = async (password: string): Promise<void> => {
        const { restore } = await redis.aclUser({ name: USER, rules: RULES, password })
        onClose(restore)
      }

      it('change under load, and no call fails or is doubled', async () => {
        const vault = new Vault()
        await withUser(vault.password)
        await redis.client().call('ACL', 'LOG', 'RESET')
        const memory = await openMemory(way(redis, vault.credentials))
        const session = memory.session('loaded')
        await session.append({ role: 'user', content: 'first' })

        const calls: Promise<unknown>[] = []
        const load = setInterval(() => calls.push(session.append({ role: 'user', content: `${calls.length}` })), 5)
        try {
          // Those who are connected stay so; the provider learns of it a little later than the server.
          await delay(500)
          await redis.rotatePassword(USER, 'password-1')
          await delay(200)
          expect(await killConnections(redis)).toBeGreaterThan(0)
          await delay(100)
          vault.password = 'password-1'
          await delay(1_000)
          // And before it.
          vault.password = 'password-2'
          expect(await killConnections(redis)).toBeGreaterThan(0)
          await delay(100)
          await redis.rotatePassword(USER, 'password-2')
          await delay(1_000)
          expect(await killConnections(redis)).toBeGreaterThan(0)
          await delay(500)
        } finally {
          clearInterval(load)
        }
        const results = await Promise.allSettled(calls)
        expect(results.filter(({ status }) => status === 'rejected')).toEqual([])
        expect(calls.length).toBeGreaterThan(200)
        const { messages } = await session.messages({ last: calls.length + 10 })
        expect(messages.map(({ content }) => content)).toEqual(['first', ...calls.map((_, index) => `${index}`)])
        expect(vault.asked).toBeGreaterThanOrEqual(4)
        // Some connections were refused meanwhile.
        expect(await logins(redis)).toBeGreaterThan(0)
      })

      it('are not asked for while a connection lasts, though the password is another one', async () => {
        const vault = new Vault()
        await withUser(vault.password)
        const tested = await classified(way(redis, vault.credentials))
        await tested.append()
        const { asked } = vault
        await redis.rotatePassword(USER, 'another')
        expect(await tested.read()).toBe(1)
        expect(vault.asked).toBe(asked)
      })

      it('are those of a user who was deleted and made anew', async () => {
        const vault = new Vault()
        await withUser(vault.password)
        const tested = await classified(way(redis, vault.credentials))
        await tested.append()
        await redis.client().call('ACL', 'DELUSER', USER)
        const refused = await poll(async () => {
          const error = await errorOf(tested.read())
          return error.code === 'PERMISSION_DENIED' ? error : undefined
        })
        expect(refused.message).toMatch(/^Redis denied access \(WRONGPASS\): the user is not known or is off/)
        expect(printed(refused)).not.toContain(vault.password)
        vault.password = 'made-anew'
        await redis.aclUser({ name: USER, rules: RULES, password: vault.password })
        expect(await poll(() => tested.read().catch(() => undefined))).toBe(1)
      })

      it.each<[string, () => Credentials | Promise<Credentials>, object, RegExp]>([
        [
          'throws',
          () => {
            throw Object.assign(new Error(SECRET), { code: 'EVAULT' })
          },
          { code: 'UNAVAILABLE', retryable: true },
          /no connection to Redis within 500 ms: connection\.credentials failed \(EVAULT\)/,
        ],
        [
          'never answers',
          () => new Promise<never>(() => undefined),
          { code: 'UNAVAILABLE', retryable: true },
          /no connection to Redis within 500 ms: connection\.credentials gave nothing within 250 ms/,
        ],
        [
          'gives no password',
          () => ({ username: SECRET }) as Credentials,
          { code: 'CONFIG_INVALID', retryable: false },
          /connection\.credentials: a function that gives no password/,
        ],
      ])('come from a provider that %s, until it is mended', async (_, fails, expected, message) => {
        const vault = new Vault()
        await withUser(vault.password)
        let isMended = false
        const provider: CredentialsProvider = () => (isMended ? vault.credentials() : fails())
        const tested = await classified(way(redis, provider))
        for (const call of [tested.read, tested.append]) {
          const began = performance.now()
          const error = await errorOf(call())
          expect(performance.now() - began).toBeLessThan(3 * DEADLINE)
          expect(error).toMatchObject({ ...expected, executed: 'no' })
          expect(error.message).toMatch(message)
          expect(printed(error)).not.toContain(SECRET)
        }
        isMended = true
        expect(await poll(() => tested.append().catch(() => undefined))).toEqual({ duplicate: false })
      })
    },
    { standalone: 'the password of one server', backend: 'binary', args },
  )
}

describeWithRedis(
  'the credentials of a master that sentinels watch',
  () => {
    let sentinel: RealRedisSentinel
    const PASSWORD = 'of-the-master'
    const OF_SENTINELS = 'of-the-sentinels'
    beforeAll(async () => {
      sentinel = await RealRedisSentinel.start({
        replicas: 0,
        sentinels: 1,
        quorum: 1,
        password: PASSWORD,
        sentinelPassword: OF_SENTINELS,
        backend: 'binary',
      })
    })
    afterAll(() => sentinel.stop())
    const where = () => ({ name: sentinel.name, sentinels: sentinel.sentinels })

    it('are asked for, and not for the sentinels', async () => {
      let asked = 0
      const credentials = () => {
        asked++
        return { password: PASSWORD }
      }
      const tested = await classified({ sentinel: { ...where(), sentinelPassword: OF_SENTINELS }, credentials })
      expect(await tested.append()).toEqual({ duplicate: false })
      expect(asked).toBe(1)
    })

    it.each([
      ['is wrong', 'a-wrong-one', 'WRONGPASS'],
      ['is missing', undefined, 'NOAUTH'],
    ])('do not help where that of the sentinels %s', async (_, sentinelPassword, word) => {
      const tested = await classified({ sentinel: { ...where(), sentinelPassword, password: PASSWORD } })
      await errorOf(tested.read())
      const error = await errorOf(tested.append())
      expect(error).toMatchObject({ code: 'PERMISSION_DENIED', retryable: false, executed: 'no' })
      expect(error.message).toBe(
        `a sentinel denied access (${word}): check sentinelUsername, sentinelPassword and its ACL rules`,
      )
      expect(printed(error)).not.toContain('a-wrong-one')
    })

    it('is not reached by a name that the sentinels do not know', async () => {
      const tested = await classified({ sentinel: { ...where(), name: 'another', sentinelPassword: OF_SENTINELS } })
      await errorOf(tested.read())
      expect((await errorOf(tested.append())).message).toMatch(/the sentinels do not know a master of this name/)
    })

    it('is reached when its sentinels come later', async () => {
      const connection = { sentinel: { ...where(), sentinelPassword: OF_SENTINELS, password: PASSWORD } }
      const away = await sentinel.killSentinels()
      const tested = await classified(connection)
      await errorOf(tested.read())
      expect((await errorOf(tested.append())).message).toMatch(/no sentinel answers/)
      await away.restore()
      expect(await poll(() => tested.append().catch(() => undefined))).toEqual({ duplicate: false })
    })
  },
  { standalone: 'the password of one server', backend: 'binary' },
)
