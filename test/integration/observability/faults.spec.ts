import { expect, it } from '@jest/globals'
import type { BreakerEvent, OperationEvent, RetryEvent, ShedEvent } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'
import { eventsOf } from '../../support/events-of.js'
import { useTelemetry } from '../../support/use-telemetry.js'

const user = (content: string) => ({ role: 'user', content }) as const

describeWithRedis('what is told of calls that meet a fault', (redis) => {
  const telemetry = useTelemetry()
  const tested = useFaultyMemory(redis)
  const quick = useFaultyMemory(redis, {
    resilience: { deadline: '200ms', retry: { attempts: 0 }, breaker: { failures: 3, openFor: '50ms' } },
  })
  const narrow = useFaultyMemory(redis, { resilience: { inFlight: { operations: 2 } } })

  it('is how often they were tried', async () => {
    const session = tested.memory.session('retried')
    await session.append(user('0'))
    const retriesBefore = await telemetry.count('agent_memory.retries')
    const lost = tested.proxy.on({ command: 'EVALSHA', nth: 1, times: 2 }, 'drop-reply')
    let operation: OperationEvent | undefined
    const retries = await eventsOf<RetryEvent>('retry', async () => {
      ;[operation] = await eventsOf<OperationEvent>('operation', () => session.append(user('1')))
    })
    expect(lost.hits).toBe(2)
    expect(operation).toMatchObject({ operation: 'append', outcome: 'ok', attempts: 3 })
    const retry = { operation: 'append', memory: tested.namespace, sessionId: 'retried', code: 'UNAVAILABLE' }
    expect(retries).toEqual([retry, retry])
    expect((await telemetry.count('agent_memory.retries')) - retriesBefore).toBe(2)
    expect(
      await telemetry.count('agent_memory.retries', {
        'db.operation.name': 'append',
        'agent_memory.namespace': tested.namespace,
        'error.type': 'UNAVAILABLE',
      }),
    ).toBe(2)
    expect(telemetry.spans().at(-1)?.attributes).toMatchObject({ 'agent_memory.attempts': 3 })
  })

  it('is not the retries of another call that runs beside them', async () => {
    const [first, second] = [tested.memory.session('beside-1'), tested.memory.session('beside-2')]
    await Promise.all([first.append(user('0')), second.append(user('0'))])
    const lost = tested.proxy.on({ command: 'EVALSHA', nth: 2 }, 'cut-before')
    const operations = await eventsOf<OperationEvent>('operation', async () => {
      await first.append(user('1'))
      await second.append(user('1'))
    })
    expect(lost.hits).toBe(1)
    expect(operations.map(({ attempts }) => attempts)).toEqual([1, 2])
    const said = telemetry.spans().slice(-2)
    expect(said.map(({ attributes }) => attributes['agent_memory.attempts'])).toEqual([undefined, 2])
  })

  it('is that nobody answered in time, and what the breaker makes of it', async () => {
    const session = quick.memory.session('slow')
    await session.append(user('0'))
    let operations: readonly OperationEvent[] = []
    const breaker = await eventsOf<BreakerEvent>('breaker', async () => {
      const hung = quick.proxy.on({ command: 'EVALSHA', nth: 1 }, 'blackhole')
      operations = await eventsOf<OperationEvent>('operation', async () => {
        for (let call = 0; call < 3; call++) await session.append(user('1')).catch(() => undefined)
        await poll(() => quick.memory.status().breaker === 'open')
        await session.messages().catch(() => undefined)
      })
      expect(hung.hits).toBe(1)
      await quick.proxy.restore()
      await poll(() => session.messages().catch(() => undefined))
    })
    expect(operations[0]).toMatchObject({ outcome: 'error', code: expect.stringMatching(/TIMEOUT|UNAVAILABLE/) })
    expect(operations.at(-1)).toMatchObject({ operation: 'messages', outcome: 'error', code: 'UNAVAILABLE' })
    expect(breaker[0]).toEqual({ state: 'open' })
    expect(breaker.at(-1)).toEqual({ state: 'closed' })
    expect(await telemetry.count('agent_memory.breaker.transitions', { 'agent_memory.breaker.state': 'open' })).toBe(
      breaker.filter(({ state }) => state === 'open').length,
    )
  })

  it('is that too much was under way', async () => {
    const sessions = Array.from({ length: 5 }, (_, index) => narrow.memory.session(`many-${index}`))
    let results: readonly PromiseSettledResult<unknown>[] = []
    const shed = await eventsOf<ShedEvent>('shed', async () => {
      results = await Promise.allSettled(sessions.map((session) => session.append(user('1'))))
    })
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      ...Array<string>(3).fill('rejected'),
    ])
    expect(shed).toEqual(
      [2, 3, 4].map((index) => ({ operation: 'append', memory: narrow.namespace, sessionId: `many-${index}` })),
    )
    expect(await telemetry.count('agent_memory.shed', { 'agent_memory.namespace': narrow.namespace })).toBe(3)
    const types = telemetry.spans().map(({ attributes }) => attributes['error.type'])
    expect(types.filter((type) => type === 'OVERLOADED')).toHaveLength(3)
  })
})
