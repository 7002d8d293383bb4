/** What this module uses of `@opentelemetry/api`, whose types must not be needed where it is not installed. */
export interface OpenTelemetryApi {
  readonly trace: {
    getTracerProvider(): TracerProvider
    setSpan(context: Context, span: Span): Context
  }
  readonly metrics: { getMeterProvider(): MeterProvider }
  readonly context: {
    active(): Context
    with<T>(context: Context, work: () => T): T
  }
  readonly diag: { error(message: string): void }
  readonly SpanKind: { readonly CLIENT: number }
  readonly SpanStatusCode: { readonly ERROR: number }
  createNoopMeter(): Meter
}

/** Opaque. */
export interface Context {
  getValue(key: symbol): unknown
  setValue(key: symbol, value: unknown): Context
  deleteValue(key: symbol): Context
}

export type Attributes = Readonly<Record<string, string | number | boolean>>

export interface TracerProvider {
  getTracer(name: string): Tracer
  /** Of the provider that stands for the one to be registered: undefined as long as none is. */
  getDelegateTracer?(name: string): Tracer | undefined
}

export interface Tracer {
  startSpan(name: string, options: { readonly kind: number; readonly attributes: Attributes }): Span
}

export interface Span {
  isRecording(): boolean
  setAttributes(attributes: Attributes): unknown
  setStatus(status: { readonly code: number }): unknown
  end(): void
}

export interface MeterProvider {
  getMeter(name: string): Meter
}

export interface Meter {
  createCounter(name: string, options: MetricOptions): Counter
  createHistogram(
    name: string,
    options: MetricOptions & { readonly advice: { readonly explicitBucketBoundaries: number[] } },
  ): Histogram
}

export interface MetricOptions {
  readonly description: string
  /** As UCUM has it. */
  readonly unit: string
}

export interface Counter {
  add(value: number, attributes: Attributes): void
}

export interface Histogram {
  record(value: number, attributes: Attributes): void
}
