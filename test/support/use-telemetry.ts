import { afterAll, beforeAll, beforeEach } from '@jest/globals'
import { context, metrics, trace, type Attributes } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base'

/** Collected on demand alone. */
const NEVER = 2 ** 30

/** The SDK of OpenTelemetry for a suite, as an application registers it, and what it was told. */
export interface Telemetry {
  /** Those that have ended since the test began. */
  readonly spans: () => readonly ReadableSpan[]
  /** All that was measured since the suite began. */
  readonly metrics: () => Promise<readonly MetricData[]>
  /** The sum of a counter over its points with these attributes. */
  readonly count: (name: string, attributes?: Attributes) => Promise<number>
}

const has = (attributes: Attributes, wanted: Attributes): boolean =>
  Object.entries(wanted).every(([name, value]) => attributes[name] === value)

export const useTelemetry = (): Telemetry => {
  const spans = new InMemorySpanExporter()
  const points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: NEVER })
  const tracing = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  const measuring = new MeterProvider({ readers: [reader] })
  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    trace.setGlobalTracerProvider(tracing)
    metrics.setGlobalMeterProvider(measuring)
  })
  beforeEach(() => spans.reset())
  afterAll(async () => {
    trace.disable()
    metrics.disable()
    context.disable()
    await tracing.shutdown()
    await measuring.shutdown()
  })
  const collect = async (): Promise<readonly MetricData[]> => {
    await measuring.forceFlush()
    return points
      .getMetrics()
      .slice(-1)
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
  }
  return {
    spans: () => spans.getFinishedSpans(),
    metrics: collect,
    count: async (name, attributes = {}) => {
      let sum = 0
      for (const { descriptor, dataPointType, dataPoints } of await collect()) {
        if (descriptor.name !== name || dataPointType !== DataPointType.SUM) continue
        for (const point of dataPoints) if (has(point.attributes, attributes)) sum += point.value
      }
      return sum
    },
  }
}
