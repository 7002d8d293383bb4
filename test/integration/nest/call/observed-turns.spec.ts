import { randomUUID } from 'node:crypto'
import { SpanStatusCode } from '@opentelemetry/api'
import { expect, it } from '@jest/globals'
import type { OperationEvent } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { eventsOf } from '../../../support/events-of.js'
import { useTelemetry } from '../../../support/use-telemetry.js'
import { useTurnsApp } from './turns-app.js'

describeWithRedis('turns that are observed', (redis) => {
  const telemetry = useTelemetry()
  const app = useTurnsApp(redis)
  const names = (): string[] => telemetry.spans().map(({ name }) => name)

  it('are claimed, answered ahead and appended, each with a span, a duration and an event', async () => {
    // What a session begins with is asked for by the append before it does.
    const before = telemetry.spans().length
    const events = await eventsOf<OperationEvent>('operation', () => app.post('texts', 'hello', randomUUID()))
    expect(names().slice(before)).toEqual(['claim', 'claim.answer', 'append'])
    expect(events.map(({ operation, outcome }) => [operation, outcome])).toEqual([
      ['claim', 'ok'],
      ['claim.answer', 'ok'],
      ['append', 'ok'],
    ])
    for (const { sessionId, memory, bytesWritten, bytesRead } of events) {
      expect([sessionId, memory]).toEqual([app.id, app.tested.namespace])
      expect(Math.min(bytesWritten, bytesRead)).toBeGreaterThan(0)
    }
    const durations = (await telemetry.metrics()).find(
      ({ descriptor }) => descriptor.name === 'db.client.operation.duration',
    )
    const measured = durations?.dataPoints.map(({ attributes }) => attributes['db.operation.name'])
    expect(measured).toEqual(expect.arrayContaining(['claim', 'claim.answer']))
  })

  it('that are repeated, refused or without a key say so', async () => {
    const key = randomUUID()
    await app.post('texts', 'hello', key)
    const before = telemetry.spans().length
    await app.post('texts', 'hello', key)
    await app.post('texts', 'other', key)
    await app.post('texts', 'hello')
    const spans = telemetry.spans().slice(before)
    expect(spans.map(({ name, status, attributes }) => [name, status.code, attributes['error.type']])).toEqual([
      ['claim', SpanStatusCode.UNSET, undefined],
      ['append', SpanStatusCode.UNSET, undefined],
      ['claim', SpanStatusCode.ERROR, 'OPERATION_REUSED'],
      ['append', SpanStatusCode.UNSET, undefined],
    ])
    expect(await telemetry.count('agent_memory.conflicts', { 'db.operation.name': 'claim' })).toBe(1)
  })
})
