import type { Attributes, Context, OpenTelemetryApi, Span } from './open-telemetry.interface.js'

/** A span that has begun, under the one that is active. */
export class OpenSpan {
  private readonly context: Context

  constructor(
    private readonly api: OpenTelemetryApi,
    private readonly span: Span,
  ) {
    this.context = api.trace.setSpan(api.context.active(), span)
  }

  /** Runs `work` with the span as the active one: what it starts nests below. */
  run<T>(work: () => T): T {
    return this.api.context.with(this.context, work)
  }

  /** @param outcome made only where the span is recorded */
  end(failed: boolean, outcome: () => Attributes): void {
    if (this.span.isRecording()) {
      this.span.setAttributes(outcome())
      // Without a text: what went wrong is `error.type`.
      if (failed) this.span.setStatus({ code: this.api.SpanStatusCode.ERROR })
    }
    this.span.end()
  }
}
