import { describe, expect, it } from '@jest/globals'
import * as api from '@opentelemetry/api'
import type { OpenTelemetryApi } from '../../../lib/observability/open-telemetry.interface.js'
import { OpenTelemetry } from '../../../lib/observability/open-telemetry.js'

describe('OpenTelemetry without an SDK', () => {
  it('is not heard, and nothing is made for it', () => {
    const openTelemetry = OpenTelemetry.load()
    expect(openTelemetry?.isHeard).toBe(false)
    expect(openTelemetry?.startSpan('append', {})).toBeUndefined()
    expect(openTelemetry?.instruments).toBeUndefined()
  })

  it('has what this module asks of it', () => {
    // An error of types, if it has not.
    const used: OpenTelemetryApi = api
    expect(used.SpanKind.CLIENT).toBe(api.SpanKind.CLIENT)
  })
})
