import type { Attributes, Counter, Histogram, Meter } from './open-telemetry.interface.js'

/** In seconds: what the semantic conventions ask of `db.client.operation.duration`. */
const DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

export interface Instruments {
  readonly duration: Histogram
  readonly retries: Counter
  readonly shed: Counter
  readonly breaker: Counter
  readonly journaled: Counter
  readonly replayed: Counter
  readonly setAside: Counter
  readonly healed: Counter
  readonly underReplicated: Counter
  readonly duplicates: Counter
  readonly conflicts: Counter
  readonly stale: Counter
  readonly corrupt: Counter
  readonly lost: Counter
  readonly written: Counter
  readonly read: Counter
}

/**
 * The names are listed in docs/observability.md. None of them throws: what the application has put into its SDK, as a processor
 * of attributes, may.
 *
 * @param failed is told of what was thrown instead
 */
export const createInstruments = (meter: Meter, failed: () => void): Instruments => {
  const guarded =
    (tell: (value: number, attributes: Attributes) => void) =>
    (value: number, attributes: Attributes): void => {
      try {
        tell(value, attributes)
      } catch {
        failed()
      }
    }
  const counter = (name: string, unit: string, description: string): Counter => {
    const made = meter.createCounter(`agent_memory.${name}`, { unit, description })
    return { add: guarded((value, attributes) => made.add(value, attributes)) }
  }
  const duration = meter.createHistogram('db.client.operation.duration', {
    unit: 's',
    description: 'Duration of calls to the memory, with their retries',
    advice: { explicitBucketBoundaries: DURATION_BUCKETS },
  })
  return {
    duration: { record: guarded((value, attributes) => duration.record(value, attributes)) },
    retries: counter('retries', '{retry}', 'Attempts that were repeated'),
    shed: counter('shed', '{call}', 'Calls that were turned away because too much was under way'),
    breaker: counter('breaker.transitions', '{transition}', 'Changes of the circuit breaker, by the state it came to'),
    journaled: counter('journaled', '{write}', 'Writes that were kept in the journal'),
    replayed: counter('replayed', '{write}', 'Writes of the journal that were made'),
    setAside: counter('set_aside', '{write}', 'Writes of the journal that cannot be made'),
    healed: counter(
      'healed',
      '{write}',
      'Acknowledged writes that were made again, as another server had taken over without them',
    ),
    underReplicated: counter('under_replicated', '{write}', 'Writes that too few replicas acknowledged in time'),
    duplicates: counter('duplicates', '{write}', 'Writes that had been stored before'),
    conflicts: counter('conflicts', '{write}', 'Writes that were refused because of another one'),
    stale: counter('stale', '{read}', 'Reads that were answered while Redis was away'),
    corrupt: counter('corrupt', '{record}', 'Records that cannot be read, each counted once'),
    lost: counter('lost', '{session}', 'Sessions that were gone, or older than they were, before their time'),
    written: counter('written', 'By', 'Sent to Redis as arguments of scripts'),
    read: counter('read', 'By', 'Answered by Redis to scripts'),
  }
}
