import { createRequire } from 'node:module'
import type { OpenTelemetryApi } from './open-telemetry.interface.js'

const require = createRequire(import.meta.url)

/**
 * The API of OpenTelemetry; `undefined` where the optional peer is not installed. Whichever copy of it the application has, they
 * share what is registered.
 */
export const loadOpenTelemetry = (): OpenTelemetryApi | undefined => {
  try {
    return require('@opentelemetry/api') as OpenTelemetryApi
  } catch {
    return undefined
  }
}
