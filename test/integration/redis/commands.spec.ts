import { describe, expect, it } from '@jest/globals'
import type { AgentSession } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { watchCommands } from '../../support/watch-commands.js'
import { useMemory } from '../../support/use-memory.js'

const hello = { role: 'user', content: 'hello' } as const

type Calls = Record<string, (session: AgentSession) => Promise<unknown>>

const calls: Calls = {
  append: (session) => session.append(hello),
  'append of many': (session) => session.append([hello, hello, hello]),
  messages: (session) => session.messages({ last: 20 }),
  context: (session) => session.context({ maxTokens: 500, last: 20 }),
  'state.get': (session) => session.state.get(),
  'state.value': (session) => session.state.value('name'),
  'state.set': (session) => session.state.set({ name: 'Ada' }),
  'state.patch': (session) => session.state.patch({ trip: { to: 'B' } }),
  'summary.get': (session) => session.summary.get(),
  info: (session) => session.info(),
  touch: (session) => session.touch(),
}

describeWithRedis('what goes over the wire', (redis) => {
  const tested = useMemory(redis)

  it.each(Object.entries(calls))('%s is one command', async (_, call) => {
    const session = tested.newSession()
    await session.append(hello)
    await session.state.set({ name: 'A', trip: { from: 'A' } })
    await call(session)

    const watch = await watchCommands(redis)
    const own = (): string[] => watch.lines.filter((line) => line.includes(tested.namespace))
    try {
      await call(session)
      // It is seen after everything the call sent.
      await tested.redis.echo(`${tested.namespace} done`)
      await poll(() => own().some((line) => line.includes(' done')))
    } finally {
      watch.stop()
    }
    const commands = own().map((line) => /\] "(\w+)"/.exec(line)?.[1]?.toLowerCase())
    expect(commands).toEqual(['evalsha', 'echo'])
  })
})

describeWithRedis('calls that are made together', (redis) => {
  const tested = useMemory(redis)
  const CALLS = 64
  /** At 8 KiB each, and each half a KiB of it: five. The server may take one apart. */
  const MOST_READS = 12

  /** How often the server found something to read on any connection. */
  const reads = async (): Promise<number> =>
    Number(/total_reads_processed:(\d+)/.exec(await tested.redis.info('stats'))?.[1])

  it('reach the server in few writes', async () => {
    const sessions = Array.from({ length: CALLS }, () => tested.newSession())
    const append = (): Promise<unknown> => Promise.all(sessions.map((session) => session.append(hello)))
    await append()
    const before = await reads()
    await append()
    // The second question is one of them.
    expect((await reads()) - before - 1).toBeLessThanOrEqual(MOST_READS)
  })
})

/** The commands that the scripts run inside the server, by name and number. */
const insideOf = async (
  tested: ReturnType<typeof useMemory>,
  call: () => Promise<unknown>,
): Promise<Record<string, number>> => {
  const count = async (): Promise<Map<string, number>> => {
    const lines = (await tested.redis.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)
    return new Map([...lines].map(([, name, calls_]) => [name!, Number(calls_)]))
  }
  const before = await count()
  await call()
  const after = await count()
  const changed = [...after].map(([name, calls_]): [string, number] => [name, calls_ - (before.get(name) ?? 0)])
  return Object.fromEntries(changed.filter(([name, calls_]) => calls_ > 0 && name !== 'info'))
}

// A server of its own, so that nobody else's commands are counted.
describeWithRedis(
  'the work inside the server',
  (redis) => {
    const tested = useMemory(redis, { session: { maxMessages: 200_000, maxBytes: '64mb' } })
    const history = async (length: number): Promise<AgentSession> => {
      const session = tested.newSession()
      for (let seq = 0; seq < length; seq += 1_000) {
        await session.append(Array.from({ length: Math.min(1_000, length - seq) }, () => hello))
      }
      await session.state.set({ name: 'A', trip: { from: 'A' } })
      return session
    }

    describe('does not depend on the length of the history', () => {
      it('for 20 and for 100,000 messages', async () => {
        const short = await history(20)
        const long = await history(100_000)
        expect(await long.info()).toMatchObject({ count: 100_000 })
        // The first call of a script sends its source.
        for (const call of Object.values(calls)) await call(short)
        for (const [name, call] of Object.entries(calls)) {
          const few = await insideOf(tested, () => call(short))
          const many = await insideOf(tested, () => call(long))
          expect({ name, commands: many }).toEqual({ name, commands: few })
          expect({ name, total: Object.values(many).reduce((sum, value) => sum + value, 0) < 12 }).toEqual({
            name,
            total: true,
          })
          expect(many).not.toHaveProperty('hgetall')
        }
      }, 60_000)
    })
  },
  { standalone: 'it counts all that the server runs', backend: 'binary' },
)
