import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { diag, DiagLogLevel, metrics, trace } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { MemoryInvalidError } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../../support/use-memory.js'

const settled = async (): Promise<void> => {}
const failures: string[] = []
const log = (message: string): void => void failures.push(message)

const hello = { role: 'user', content: 'hello' } as const

describeWithRedis('calls beside an SDK of OpenTelemetry that is broken', (redis) => {
  const tested = useMemory(redis)
  const broken = new Set<'start' | 'count'>()
  const breaks = (part: 'start' | 'count'): void => {
    if (broken.has(part)) throw new Error('of the application')
  }
  const spans = new InMemorySpanExporter()
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 2 ** 30,
  })
  const measuring = new MeterProvider({
    readers: [reader],
    views: [
      {
        instrumentName: '*',
        attributesProcessors: [
          {
            process: (attributes) => {
              breaks('count')
              return attributes
            },
          },
        ],
      },
    ],
  })
  const tracing = new BasicTracerProvider({
    spanProcessors: [
      { onStart: () => breaks('start'), onEnd: () => undefined, forceFlush: settled, shutdown: settled },
      new SimpleSpanProcessor(spans),
    ],
  })
  beforeAll(() => {
    diag.setLogger({ error: log, warn: log, info: log, debug: log, verbose: log }, DiagLogLevel.ERROR)
    trace.setGlobalTracerProvider(tracing)
    metrics.setGlobalMeterProvider(measuring)
  })
  beforeEach(() => {
    broken.clear()
    failures.length = 0
    spans.reset()
  })
  afterAll(async () => {
    trace.disable()
    metrics.disable()
    diag.disable()
    await tracing.shutdown()
    await measuring.shutdown()
  })

  it('are made where a processor of spans throws', async () => {
    broken.add('start')
    const session = tested.newSession()
    expect(await session.append(hello)).toMatchObject({ stored: 'redis' })
    expect((await session.messages()).messages).toHaveLength(1)
    await expect(session.append({ ...hello, content: 5 as never })).rejects.toBeInstanceOf(MemoryInvalidError)
    expect(spans.getFinishedSpans()).toEqual([])
    expect(failures).toContain('nestjs-agent-memory: a call could not be reported')
  })

  it('have a span that ends where a processor of metrics throws', async () => {
    broken.add('count')
    const session = tested.newSession()
    expect(await session.append(hello)).toMatchObject({ stored: 'redis' })
    expect(spans.getFinishedSpans().map(({ name }) => name)).toEqual(['append'])
    expect(failures).toContain('nestjs-agent-memory: a call could not be reported')
  })
})
