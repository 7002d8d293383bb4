import { expect, it } from '@jest/globals'
import type { AgentSession, Quarantine, SessionState, SessionSummary } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import { useMemory } from '../../support/use-memory.js'
import { useTelemetry } from '../../support/use-telemetry.js'

/** A call of each method of a part of the public surface: one that is missing is an error of types. */
type Calls<Part> = {
  readonly [
    Name in keyof Part as Part[Name] extends (...given: never[]) => unknown ? Name : never
  ]: () => Promise<unknown>
}

const user = (content: string) => ({ role: 'user', content }) as const

/** The names that their spans should have. */
const named = (calls: object, prefix = ''): Record<string, string[]> =>
  Object.fromEntries(Object.keys(calls).map((method) => [method, [prefix + method]]))

describeWithRedis('every call of a session', (redis) => {
  const telemetry = useTelemetry()
  const tested = useMemory(redis, {
    serialization: { encryption: { current: 'k1', keys: { k1: testKey(1) } } },
  })

  /** The spans of each call, by the method. */
  const spansOf = async <Part extends object>(calls: Calls<Part>): Promise<Record<string, string[]>> => {
    const found: Record<string, string[]> = {}
    for (const [method, call] of Object.entries<() => Promise<unknown>>(calls)) {
      const before = telemetry.spans().length
      await call()
      found[method] = telemetry
        .spans()
        .slice(before)
        .map(({ name }) => name)
    }
    return found
  }

  it('has a span of its own name', async () => {
    const session: AgentSession = tested.newSession()
    await session.append(user('0'))
    const calls: Calls<AgentSession> = {
      append: () => session.append(user('1')),
      messages: () => session.messages(),
      context: () => session.context(),
      info: () => session.info(),
      touch: () => session.touch(),
      withLock: () => session.withLock(() => 1),
      quarantine: () => session.quarantine(),
      reencrypt: () => session.reencrypt(),
      clear: () => session.clear(),
      delete: () => session.delete(),
    }
    expect(await spansOf(calls)).toEqual({ ...named(calls), withLock: ['lock'] })
  })

  it('on state, too', async () => {
    const { state } = tested.newSession() as AgentSession
    const calls: Calls<SessionState<Record<string, unknown>>> = {
      set: () => state.set({ a: 1 }),
      patch: () => state.patch({ a: { b: 1 } }),
      get: () => state.get(),
      value: () => state.value('a'),
      delete: () => state.delete(['a']),
    }
    expect(await spansOf(calls)).toEqual(named(calls, 'state.'))
  })

  it('on the summary, too', async () => {
    const session = tested.newSession()
    const { version } = await session.append([user('0'), user('1')])
    const { summary } = session
    const calls: Calls<SessionSummary> = {
      commit: () => summary.commit({ text: 'so far', coversSeq: 1, replaces: null, basedOn: version }),
      get: () => summary.get(),
    }
    expect(await spansOf(calls)).toEqual(named(calls, 'summary.'))
  })

  it('on the quarantine, too', async () => {
    const session = tested.newSession()
    await session.append([user('0'), user('1')])
    await tested.redis.hset(tested.keyOf(session), { 'm:1': 'broken', 'm:2': 'broken' })
    const quarantine = await session.quarantine()
    const [first, second] = quarantine.records
    const calls: Calls<Quarantine> = {
      repair: () => quarantine.repair(first!, user('mended')),
      drop: () => quarantine.drop(second!),
    }
    expect(await spansOf(calls)).toEqual(named(calls, 'quarantine.'))
  })
})
