import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import { expect, it } from '@jest/globals'
import { SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api'
import type { OperationEvent } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'
import { useTelemetry } from '../../support/use-telemetry.js'

const user = (content: string) => ({ role: 'user', content }) as const

const nameConversation = (event: unknown): void => {
  trace.getActiveSpan()?.setAttribute('gen_ai.conversation.id', (event as OperationEvent).sessionId)
}

const breakSpan = (): void => {
  trace.getActiveSpan()!.end = () => {
    throw new Error('the processor is broken')
  }
}

describeWithRedis('the span of a call', (redis) => {
  const telemetry = useTelemetry()
  const tested = useMemory(redis)

  it('says what was done, and where, but not whose it is', async () => {
    const session = tested.newSession()
    await session.append(user('hello'))
    const [span, ...others] = telemetry.spans()
    // What has several servers has no one address.
    const [server] = redis.topology === 'standalone' ? await redis.masters() : []
    const where = server ? { 'server.address': server.host, 'server.port': server.port } : {}
    expect(others).toEqual([])
    expect(span).toMatchObject({
      name: 'append',
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.UNSET },
      instrumentationScope: { name: 'nestjs-agent-memory' },
      attributes: {
        'db.system.name': 'redis',
        'db.operation.name': 'append',
        'db.namespace': '0',
        ...where,
        'agent_memory.namespace': tested.namespace,
      },
    })
    expect(Object.keys(span!.attributes)).toHaveLength(4 + Object.keys(where).length)
  })

  it('stands under the span of the application, with the commands of the client below it', async () => {
    const session = tested.newSession()
    const active = new Set<Span | undefined>()
    const listen = (): void => void active.add(trace.getActiveSpan())
    const commands = tracingChannel('ioredis:command')
    commands.start.subscribe(listen)
    const tracer = trace.getTracer('application')
    await tracer.startActiveSpan('request', async (request) => {
      await Promise.all([session.append(user('1')), session.append(user('2'))])
      expect(trace.getActiveSpan()).toBe(request)
      request.end()
    })
    commands.start.unsubscribe(listen)
    const spans = telemetry.spans()
    const request = spans.find(({ name }) => name === 'request')!.spanContext()
    const appends = spans.filter(({ name }) => name === 'append')
    expect(appends.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([request.spanId, request.spanId])
    expect(new Set([...active].map((span) => span?.spanContext().spanId))).toEqual(
      new Set(appends.map((span) => span.spanContext().spanId)),
    )
  })

  it('says of an error its code and no text', async () => {
    const session = tested.newSession()
    await session.append(user('1'), { operationId: 'same' })
    await expect(session.append(user('2'), { operationId: 'same' })).rejects.toMatchObject({ code: 'OPERATION_REUSED' })
    await expect(session.append({ role: 'user' } as never)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    const failed = telemetry.spans().slice(1)
    expect(failed.map(({ attributes }) => attributes['error.type'])).toEqual(['OPERATION_REUSED', 'ARGUMENT_INVALID'])
    for (const { status, events } of failed) expect([status, events]).toEqual([{ code: SpanStatusCode.ERROR }, []])
  })

  it('says of an error that is none of this module that it is another, and counts it as no conflict', async () => {
    const session = tested.newSession()
    const conflicts = await telemetry.count('agent_memory.conflicts')
    await session.append(user('1'), { operationId: 'same' })
    await expect(session.append({ role: 'user' } as never)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    expect((await telemetry.count('agent_memory.conflicts')) - conflicts).toBe(0)
    await expect(session.append(user('2'), { operationId: 'same' })).rejects.toMatchObject({ code: 'OPERATION_REUSED' })
    expect((await telemetry.count('agent_memory.conflicts')) - conflicts).toBe(1)
    const hostile = {
      get content(): never {
        throw new Error('of the application')
      },
      role: 'user',
    }
    await expect(session.append(hostile as never)).rejects.toThrow('of the application')
    expect(telemetry.spans().at(-1)?.attributes['error.type']).toBe('_OTHER')
  })

  it('says that nothing was written now', async () => {
    const session = tested.newSession()
    await session.append(user('1'), { operationId: 'twice' })
    await session.append(user('1'), { operationId: 'twice' })
    expect(telemetry.spans().map(({ attributes }) => attributes['agent_memory.duplicate'])).toEqual([undefined, true])
  })

  it('of a lock is over when the lock is there, and the work stands beside it', async () => {
    const session = tested.newSession()
    await session.withLock(async ({ fence }) => {
      expect(telemetry.spans().map(({ name }) => name)).toEqual(['lock'])
      await session.append(user('1'), { fence })
    })
    const [lock, append] = telemetry.spans()
    expect(append!.parentSpanContext).toBeUndefined()
    expect(append!.spanContext().traceId).not.toBe(lock!.spanContext().traceId)
  })

  it('is active for who hears of the call, so that an application may say whose it is', async () => {
    const session = tested.newSession()
    subscribe('nestjs-agent-memory:operation', nameConversation)
    await session.append(user('1'))
    unsubscribe('nestjs-agent-memory:operation', nameConversation)
    await session.append(user('2'))
    const ids = telemetry.spans().map(({ attributes }) => attributes['gen_ai.conversation.id'])
    expect(ids).toEqual([session.id, undefined])
  })

  it('changes nothing for the call when it cannot be told', async () => {
    const session = tested.newSession()
    subscribe('nestjs-agent-memory:operation', breakSpan)
    expect(await session.append(user('1'))).toMatchObject({ stored: 'redis', duplicate: false })
    unsubscribe('nestjs-agent-memory:operation', breakSpan)
    expect(telemetry.spans()).toEqual([])
  })
})
