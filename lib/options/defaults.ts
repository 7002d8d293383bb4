import type { Duration, Size } from './units.interface.js'

export const DEFAULT_OPTIONS = {
  connectOnBoot: 'background',
  namespace: 'memory',
  session: {
    ttl: '7d' as Duration,
    sliding: true,
    maxAge: '90d' as Duration,
    maxMessages: 10_000,
    maxBytes: '32mb' as Size,
    maxMessageBytes: '1mb' as Size,
    onFull: 'trim',
  },
  summary: { ttl: '90d' as Duration },
  serialization: { compression: { minBytes: '4kb' as Size }, encryption: { allowPlaintext: false } },
  resilience: { deadline: '2s' as Duration | number },
  requireNoEviction: false,
} as const
