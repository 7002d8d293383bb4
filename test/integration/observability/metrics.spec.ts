import { expect, it } from '@jest/globals'
import { DataPointType } from '@opentelemetry/sdk-metrics'
import type { CorruptRecordEvent, OperationEvent, SessionLostEvent } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'
import { eventsOf } from '../../support/events-of.js'
import { useTelemetry } from '../../support/use-telemetry.js'

const user = (content: string) => ({ role: 'user', content }) as const

describeWithRedis('what is measured of calls', (redis) => {
  const telemetry = useTelemetry()
  const tested = useMemory(redis, { session: { maxMessages: 50 } })

  it('is how long they take, in seconds, by operation and error', async () => {
    const session = tested.newSession()
    await session.append(user('1'))
    await expect(session.append(user('2'), { expectedVersion: '0' })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
    })
    const duration = (await telemetry.metrics()).find(({ descriptor }) => descriptor.name.endsWith('duration'))!
    expect(duration.descriptor).toMatchObject({ name: 'db.client.operation.duration', unit: 's' })
    if (duration.dataPointType !== DataPointType.HISTOGRAM) throw new Error('not a histogram')
    const points = duration.dataPoints.filter(({ attributes }) => attributes['db.operation.name'] === 'append')
    expect(points.map(({ attributes, value }) => [attributes['error.type'], value.count])).toEqual([
      [undefined, 1],
      ['VERSION_MISMATCH', 1],
    ])
    for (const { attributes, value } of points) {
      expect(value.sum).toBeGreaterThan(0)
      expect(value.sum).toBeLessThan(5)
      expect(value.buckets.boundaries).toEqual([0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10])
      expect(attributes).toMatchObject({
        'db.system.name': 'redis',
        'db.namespace': '0',
        'agent_memory.namespace': tested.namespace,
      })
      expect(JSON.stringify(attributes)).not.toContain(session.id)
    }
    expect(await telemetry.count('agent_memory.conflicts', { 'error.type': 'VERSION_MISMATCH' })).toBe(1)
  })

  it('is what was stored before', async () => {
    const session = tested.newSession()
    const before = await telemetry.count('agent_memory.duplicates')
    const events = await eventsOf<OperationEvent>('operation', async () => {
      for (let call = 0; call < 3; call++) await session.append(user('1'), { operationId: 'same' })
      for (let call = 0; call < 2; call++) await session.state.set({ a: 1 }, { operationId: 'state' })
    })
    expect((await telemetry.count('agent_memory.duplicates')) - before).toBe(3)
    expect(await telemetry.count('agent_memory.duplicates', { 'db.operation.name': 'state.set' })).toBe(1)
    expect(events.map(({ duplicate }) => duplicate)).toEqual([false, true, true, false, true])
    expect(events[0]).toEqual({
      operation: 'append',
      memory: tested.namespace,
      sessionId: session.id,
      tenant: undefined,
      durationMs: expect.any(Number),
      outcome: 'ok',
      attempts: 1,
      duplicate: false,
      stale: false,
      journaled: false,
      replica: false,
      bytesWritten: expect.any(Number),
      bytesRead: expect.any(Number),
    })
  })

  it('is how much is sent and answered', async () => {
    const session = tested.newSession()
    const content = 'ü'.repeat(10_000)
    const [append, messages] = await eventsOf<OperationEvent>('operation', async () => {
      await session.append(user(content))
      await session.messages()
    })
    for (const bytes of [append!.bytesWritten, messages!.bytesRead]) {
      // Beside the text itself: the head of its record, and the arguments of the script, which creates the session.
      expect(bytes).toBeGreaterThan(20_000)
      expect(bytes).toBeLessThan(42_000)
    }
    for (const bytes of [append!.bytesRead, messages!.bytesWritten]) expect(bytes).toBeLessThan(500)
    expect(await telemetry.count('agent_memory.read', { 'db.operation.name': 'messages' })).toBe(messages!.bytesRead)
  })

  it('is each record that cannot be read, once', async () => {
    const session = tested.newSession()
    await session.append([user('1'), user('2')])
    await session.state.set({ name: 'Ada' })
    await tested.redis.hset(tested.keyOf(session), { 'm:1': 'broken', 's:name': 'broken' })
    const events = await eventsOf<CorruptRecordEvent>('corrupt', async () => {
      for (let call = 0; call < 3; call++) await session.context()
    })
    expect(events).toHaveLength(2)
    expect(events).toContainEqual(
      expect.objectContaining({ memory: tested.namespace, sessionId: session.id, kind: 'message', seq: 1 }),
    )
    expect(await telemetry.count('agent_memory.corrupt')).toBe(2)
    expect(await telemetry.count('agent_memory.corrupt', { 'agent_memory.record.kind': 'state' })).toBe(1)
  })

  it('is each session that is lost', async () => {
    const session = tested.newSession()
    await session.append(user('1'))
    await tested.redis.unlink(tested.keyOf(session))
    const events = await eventsOf<SessionLostEvent>('lost', async () => {
      for (let call = 0; call < 2; call++) await expect(session.messages()).rejects.toMatchObject({ code: 'LOST' })
    })
    expect(events).toEqual([{ memory: tested.namespace, sessionId: session.id, tenant: undefined, reason: 'removed' }])
    expect(await telemetry.count('agent_memory.lost', { 'agent_memory.loss.reason': 'removed' })).toBe(1)
  })
})
