import { createInstruments, type Instruments } from './instruments.js'
import { loadOpenTelemetry } from './load-open-telemetry.js'
import { OpenSpan } from './open-span.js'
import type { Attributes, MeterProvider, OpenTelemetryApi, Tracer, TracerProvider } from './open-telemetry.interface.js'

/** The instrumentation scope. */
const SCOPE = 'nestjs-agent-memory'

/**
 * What OpenTelemetry is told with. An SDK may be registered after this module was loaded; so it is asked each time whether there
 * is one, and without one nothing is made that it would be told.
 */
export class OpenTelemetry {
  private tracerProvider: TracerProvider | undefined
  private tracer: Tracer | undefined
  private meterProvider: MeterProvider | undefined
  private made: Instruments | undefined

  private constructor(private readonly api: OpenTelemetryApi) {}

  /** `undefined` where it is not installed. */
  static load(): OpenTelemetry | undefined {
    const api = loadOpenTelemetry()
    return api && new OpenTelemetry(api)
  }

  /** Whether somebody traces or measures. */
  get isHeard(): boolean {
    return this.currentTracer() !== undefined || this.instruments !== undefined
  }

  /** `undefined` where nobody traces, and where a sampler or a processor of the application throws. */
  startSpan(name: string, attributes: Attributes): OpenSpan | undefined {
    const tracer = this.currentTracer()
    if (tracer === undefined) return undefined
    try {
      return new OpenSpan(this.api, tracer.startSpan(name, { kind: this.api.SpanKind.CLIENT, attributes }))
    } catch {
      this.failed()
      return undefined
    }
  }

  /** `undefined` where nobody measures. */
  get instruments(): Instruments | undefined {
    const provider = this.api.metrics.getMeterProvider()
    if (provider !== this.meterProvider) {
      this.meterProvider = provider
      const meter = provider.getMeter(SCOPE)
      this.made = meter === this.api.createNoopMeter() ? undefined : createInstruments(meter, () => this.failed())
    }
    return this.made
  }

  /** Something that listens has failed: that is said to OpenTelemetry, and changes nothing for what is observed. */
  failed(): void {
    this.api.diag.error(`${SCOPE}: a call could not be reported`)
  }

  private currentTracer(): Tracer | undefined {
    const provider = this.api.trace.getTracerProvider()
    if (provider !== this.tracerProvider || this.tracer === undefined) {
      this.tracerProvider = provider
      this.tracer =
        provider.getDelegateTracer === undefined ? provider.getTracer(SCOPE) : provider.getDelegateTracer(SCOPE)
    }
    return this.tracer
  }
}
