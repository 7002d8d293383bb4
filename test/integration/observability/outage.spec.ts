import { expect, it, jest } from '@jest/globals'
import { Logger } from '@nestjs/common'
import type { OperationEvent, WriteJournaledEvent, WriteReplayedEvent, WriteSetAsideEvent } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { useJournals } from '../../support/use-journals.js'
import { eventsOf } from '../../support/events-of.js'
import { useTelemetry } from '../../support/use-telemetry.js'

const user = (content: string) => ({ role: 'user', content }) as const

describeWithRedis('what is told of an outage', (redis) => {
  const telemetry = useTelemetry()
  const journals = useJournals(redis)

  it('is what is kept in the journal, what is answered without Redis, and what is made when it is back', async () => {
    const { memory, namespace } = await journals.boot()
    const session = memory.session('s')
    await session.append(user('0'))
    await session.messages()
    await journals.proxy.refuse()
    let operations: readonly OperationEvent[] = []
    const journaled = await eventsOf<WriteJournaledEvent>('journaled', async () => {
      operations = await eventsOf<OperationEvent>('operation', async () => {
        await session.append(user('1'), { operationId: 'one' })
        await session.append(user('1'), { operationId: 'one' })
        await session.state.set({ a: 1 }, { operationId: 'two' })
        await session.messages({ last: 1 })
      })
    })
    const whose = { memory: namespace, sessionId: 's', tenant: undefined }
    expect(journaled).toEqual([
      { ...whose, operationId: 'one' },
      { ...whose, operationId: 'two' },
    ])
    const told = operations.map((event) => [event.operation, event.journaled, event.stale])
    expect(told).toEqual([
      ['append', true, false],
      ['append', true, false],
      ['state.set', true, false],
      ['messages', false, true],
    ])
    const spans = telemetry.spans().map(({ attributes }) => attributes)
    expect(spans.filter((attributes) => attributes['agent_memory.journaled'] === true)).toHaveLength(3)
    expect(spans.filter((attributes) => attributes['agent_memory.stale'] === true)).toHaveLength(1)
    const made = await eventsOf<WriteReplayedEvent>('replayed', async (events) => {
      await journals.proxy.restore()
      await poll(() => events.length === 2)
    })
    expect(made.map(({ memory: name, operationId, seqs }) => [name, operationId, seqs])).toEqual([
      [namespace, 'one', [2]],
      [namespace, 'two', []],
    ])
    const ofMemory = { 'agent_memory.namespace': namespace }
    expect(await telemetry.count('agent_memory.journaled', ofMemory)).toBe(2)
    expect(await telemetry.count('agent_memory.replayed', ofMemory)).toBe(2)
    expect(await telemetry.count('agent_memory.stale', ofMemory)).toBe(1)
    expect(journals.proxy.faults.refused).toBeGreaterThan(0)
  })

  it('is what can no longer be made, in the log once for each session', async () => {
    const { memory, namespace } = await journals.boot({
      resilience: { journal: { directory: journals.directory, maxAge: '3s' } },
    })
    const session = memory.session('s')
    await session.append(user('0'))
    await journals.proxy.refuse()
    for (let write = 0; write < 5; write++) await session.append(user(`${write}`), { operationId: `late-${write}` })
    const last = Date.now()
    await poll(() => Date.now() - last > 3_100)
    const error = jest.spyOn(Logger, 'error').mockImplementation(() => undefined)
    const aside = await eventsOf<WriteSetAsideEvent>('set-aside', async () => {
      await journals.proxy.restore()
      await poll(() => error.mock.calls.length > 0)
    })
    expect(memory.status().journal).toMatchObject({ entries: 0, aside: 5 })
    const reason = 'older than resilience.journal.maxAge'
    expect(aside.map(({ memory: name, operationId, reason: why }) => [name, operationId, why])).toEqual(
      Array.from({ length: 5 }, (_, write) => [namespace, `late-${write}`, reason]),
    )
    expect(error.mock.calls.map(([text]) => text)).toEqual([
      `5 writes that waited in the journal cannot be made, and are kept there: ${reason}`,
    ])
    error.mockRestore()
    expect(await telemetry.count('agent_memory.set_aside', { 'agent_memory.namespace': namespace })).toBe(5)
  })
})
