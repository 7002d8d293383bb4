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
  resilience: {
    deadline: '2s' as Duration | number,
    retry: { attempts: 4, minDelay: '25ms' as Duration | number, maxDelay: '500ms' as Duration | number, budget: 0.2 },
    breaker: { failures: 20, openFor: '500ms' as Duration | number },
    inFlight: { operations: 10_000, bytes: '64mb' as Size },
    onOutage: 'throw',
    journal: { maxBytes: '256mb' as Size, maxAge: '1d' as Duration },
    healing: { maxBytes: '32mb' as Size, maxAge: '60s' as Duration },
    onLoss: 'throw',
  },
  durability: { replicas: 1, timeout: '100ms' as Duration | number },
  requireNoEviction: false,
} as const
