import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { Logger, type INestApplicationContext } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { MemoryModule, MemoryService, type AgentSession, type ConnectionOptions } from 'nestjs-agent-memory'
import { describeWithRedis, FaultProxy } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../lib/redis/keys.js'
import { removeNamespace } from '../../../lib/testing/testing-module/remove-namespace.js'
import { testKey } from '../../support/keys.js'
import { poll } from '../../support/poll.js'
import { succeeds } from '../../support/succeeds.js'
import { useTelemetry } from '../../support/use-telemetry.js'

/** No two of them are part of each other. */
const TEXT = 'mark-of-the-text'
const NAME = 'mark-of-the-field'
const SESSION = 'mark-of-the-session'
const TENANT = 'mark-of-the-tenant'
const USER = 'mark-of-the-user'
const OPERATION = 'mark-of-the-operation'
const PASSWORD = 'mark-of-the-password'

const CHANNELS = ['operation', 'retry', 'shed', 'breaker', 'journaled', 'replayed', 'set-aside', 'lost', 'corrupt']

const marksIn = (text: string): string[] =>
  [TEXT, NAME, SESSION, TENANT, USER, OPERATION, PASSWORD].filter((mark) => text.includes(mark))

/** Without what of the SDK itself hangs on it. */
const textOf = ({ name, attributes, status, events, links }: ReadableSpan): string =>
  JSON.stringify({ name, attributes, status, events, links })

/** A class that cannot be kept: its error names it and the place where it stands. */
class Unknown {
  readonly [NAME] = TEXT
}

const message = { role: 'user', content: TEXT, metadata: { [NAME]: TEXT } } as const

const failing = async (session: AgentSession): Promise<void> => {
  const given: unknown[] = [new Unknown(), Symbol(TEXT), () => TEXT, { [NAME]: new Unknown() }]
  for (const value of given) {
    await session.append({ ...message, metadata: { value } }).catch(() => undefined)
    await session.state.set({ [NAME]: value }).catch(() => undefined)
  }
  await session.append({ role: TEXT } as never).catch(() => undefined)
  await session.append(message, { [NAME]: TEXT } as never).catch(() => undefined)
  await session.append({ ...message, content: 'other' }, { operationId: OPERATION }).catch(() => undefined)
  await session.state.set({ [NAME]: 1 }, { expectedVersions: { [NAME]: '9-0123456789ab' } }).catch(() => undefined)
  await session.state.value(NAME).catch(() => undefined)
  await session.summary
    .commit({ text: TEXT, coversSeq: 99, replaces: null, basedOn: '9-0123456789ab' })
    .catch(() => undefined)
  await session.withLock(() => Promise.reject(new Error(TEXT))).catch(() => undefined)
}

/** The default user of Redis takes any password as long as it has none. */
const withPassword = (connection: ConnectionOptions, password: string): ConnectionOptions => {
  if ('cluster' in connection) {
    const { nodes, options } = connection.cluster
    return { cluster: { nodes, options: { ...options, redisOptions: { password } } } }
  }
  if ('sentinel' in connection) return { sentinel: { ...connection.sentinel, password } }
  if (!('url' in connection)) throw new TypeError('a connection with a URL is needed')
  const url = new URL(connection.url)
  url.password = password
  return { url: url.href, retryStrategy: () => 25 }
}

describeWithRedis('what is told of calls that hold marks', (redis) => {
  const telemetry = useTelemetry()
  const namespace = `leaks-${crypto.randomUUID()}`
  const logged: string[] = []
  const events: { readonly channel: string; readonly text: string }[] = []
  const log = (...given: unknown[]): void => void logged.push(given.map(String).join(' '))
  let proxy: FaultProxy
  let app: INestApplicationContext
  const listeners = CHANNELS.map((channel) => ({
    channel: `nestjs-agent-memory:${channel}`,
    listen: (event: unknown): void => void events.push({ channel, text: JSON.stringify(event) }),
  }))

  beforeAll(async () => {
    for (const { channel, listen } of listeners) subscribe(channel, listen)
    proxy = await FaultProxy.before(redis)
    const connection = withPassword(proxy.connection, PASSWORD)
    app = await NestFactory.createApplicationContext(
      MemoryModule.forRoot({
        connection,
        namespace,
        serialization: { encryption: { current: 'k1', keys: { k1: testKey(1) } } },
        resilience: { deadline: '1s', inFlight: { operations: 3 }, breaker: { failures: 3, openFor: '50ms' } },
      }),
      { logger: { log, warn: log, error: log, debug: log, verbose: log } },
    )
  })
  afterAll(async () => {
    for (const { channel, listen } of listeners) unsubscribe(channel, listen)
    await app.close()
    await proxy.close()
    Logger.overrideLogger(false)
    await removeNamespace(redis, namespace)
  })

  it('holds none of them but ids in events and logs', async () => {
    const client = redis.client()
    const memory = app.get<MemoryService>(MemoryService)
    const owner = { tenant: TENANT, userId: USER }
    const session = memory.session(SESSION, owner)
    await poll(() => succeeds(session.info()))
    const { version } = await session.append(message, { operationId: OPERATION }).then((result) => {
      if (result.stored !== 'redis') throw new Error('not stored')
      return result
    })
    await session.append(message, { operationId: OPERATION })
    await session.state.set({ [NAME]: TEXT })
    await session.state.patch({ [NAME]: { [NAME]: TEXT } })
    await session.state.get()
    await session.context({ maxTokens: 1_000 })
    await session.summary.commit({ text: TEXT, coversSeq: 1, replaces: null, basedOn: version })
    await session.summary.get()
    await failing(session)
    await Promise.allSettled(Array.from({ length: 10 }, () => session.append(message)))
    const key = sessionKey({ namespace, tenant: TENANT, sessionId: SESSION })
    await client.hset(key, { [`s:${NAME}`]: `broken ${TEXT}`, 'm:2': `broken ${TEXT}` })
    await session.context()
    const quarantine = await session.quarantine()
    await quarantine.drop(quarantine.records)
    const fault = proxy.on({ command: 'EVALSHA', nth: 1 }, 'drop-reply')
    await session.append(message)
    expect(fault.hits).toBe(1)
    await proxy.refuse()
    for (let call = 0; call < 5; call++) await session.append(message).catch(() => undefined)
    await proxy.restore()
    await poll(() => succeeds(session.info()))
    await client.unlink(key)
    await session.messages().catch(() => undefined)
    client.disconnect()

    const types = new Set(telemetry.spans().map(({ attributes }) => attributes['error.type']))
    for (const type of ['ARGUMENT_INVALID', 'NOT_SERIALIZABLE', 'OPERATION_REUSED', 'VERSION_MISMATCH', 'OVERLOADED']) {
      expect(types).toContain(type)
    }
    for (const type of ['UNAVAILABLE', 'LOST']) expect(types).toContain(type)
    expect(new Set(events.map(({ channel }) => channel))).toEqual(
      new Set(['operation', 'retry', 'shed', 'breaker', 'lost', 'corrupt']),
    )
    expect(logged.length).toBeGreaterThan(3)

    for (const span of telemetry.spans()) expect(marksIn(textOf(span))).toEqual([])
    expect(marksIn(JSON.stringify(await telemetry.metrics()))).toEqual([])
    for (const { channel, text } of events) {
      // The names of state fields are the application's, and say which record it is.
      const allowed = channel === 'corrupt' ? [SESSION, TENANT, NAME] : [SESSION, TENANT]
      expect(marksIn(text).filter((mark) => !allowed.includes(mark))).toEqual([])
    }
    for (const line of logged) expect(marksIn(line).filter((mark) => mark !== SESSION)).toEqual([])
  })
})
