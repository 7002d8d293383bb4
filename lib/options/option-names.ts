import type {
  DurabilityOptions,
  MemoryModuleOptions,
  SessionOptions,
  SummaryOptions,
} from './memory-options.interface.js'
import type {
  BreakerOptions,
  HealingOptions,
  InFlightOptions,
  JournalOptions,
  ResilienceOptions,
  RetryOptions,
} from './resilience-options.interface.js'
import type {
  CompressionOptions,
  EncryptionOptions,
  SerializationOptions,
  TypeDefinition,
} from './serialization-options.interface.js'

/** The options of one section, by name. */
export interface SectionNames {
  readonly known: readonly string[]
  /** Options that later versions have: known by name, refused by this one. */
  readonly later: readonly string[]
}

const root: readonly (keyof MemoryModuleOptions)[] = [
  'connection',
  'connectOnBoot',
  'namespace',
  'session',
  'summary',
  'state',
  'tokenCounter',
  'serialization',
  'resilience',
  'durability',
  'requireNoEviction',
]
const session: readonly (keyof SessionOptions)[] = [
  'ttl',
  'sliding',
  'maxAge',
  'maxMessages',
  'maxBytes',
  'maxMessageBytes',
  'onFull',
]
const summary: readonly (keyof SummaryOptions)[] = ['ttl']
const serialization: readonly (keyof SerializationOptions)[] = ['types', 'compression', 'encryption']
const type: readonly (keyof TypeDefinition)[] = [
  'type',
  'name',
  'version',
  'serialize',
  'deserialize',
  'migrate',
  'transform',
  'toJson',
]
const compression: readonly (keyof CompressionOptions)[] = ['minBytes']
const encryption: readonly (keyof EncryptionOptions)[] = ['current', 'keys', 'allowPlaintext']
const resilience: readonly (keyof ResilienceOptions)[] = [
  'deadline',
  'retry',
  'breaker',
  'inFlight',
  'onOutage',
  'journal',
  'healing',
  'onLoss',
]
const retry: readonly (keyof RetryOptions)[] = ['attempts', 'minDelay', 'maxDelay', 'budget']
const breaker: readonly (keyof BreakerOptions)[] = ['failures', 'openFor']
const inFlight: readonly (keyof InFlightOptions)[] = ['operations', 'bytes']
const durability: readonly (keyof DurabilityOptions)[] = ['replicas', 'timeout']
const journal: readonly (keyof JournalOptions)[] = ['directory', 'maxBytes', 'maxAge']
const healing: readonly (keyof HealingOptions)[] = ['maxBytes', 'maxAge']

export const ROOT_NAMES: SectionNames = {
  known: root,
  later: ['user', 'app', 'summarizer', 'embedder', 'factExtractor'],
}

export const SESSION_NAMES: SectionNames = { known: session, later: [] }
export const SUMMARY_NAMES: SectionNames = { known: summary, later: [] }
export const SERIALIZATION_NAMES: SectionNames = { known: serialization, later: [] }
export const TYPE_NAMES: SectionNames = { known: type, later: [] }
export const COMPRESSION_NAMES: SectionNames = { known: compression, later: [] }
export const ENCRYPTION_NAMES: SectionNames = { known: encryption, later: [] }
export const RESILIENCE_NAMES: SectionNames = { known: resilience, later: [] }
export const RETRY_NAMES: SectionNames = { known: retry, later: [] }
export const BREAKER_NAMES: SectionNames = { known: breaker, later: [] }
export const IN_FLIGHT_NAMES: SectionNames = { known: inFlight, later: [] }
export const JOURNAL_NAMES: SectionNames = { known: journal, later: [] }
export const HEALING_NAMES: SectionNames = { known: healing, later: [] }
export const DURABILITY_NAMES: SectionNames = { known: durability, later: [] }

/**
 * The options of ioredis that a slip of the pen is looked for among. A name that resembles none of them is handed on:
 * ioredis gains options faster than a list of them can.
 */
export const CONNECTION_NAMES: SectionNames = {
  known: [
    'url client cluster sentinel credentials sentinels host port path family username password db tls connectionName keepAlive noDelay connectTimeout',
    'disconnectTimeout commandTimeout socketTimeout blockingTimeout blockingTimeoutGrace keyPrefix readOnly',
    'lazyConnect retryStrategy reconnectOnError enableOfflineQueue enableReadyCheck autoResubscribe name role',
    'natMap autoResendUnfulfilledCommands maxRetriesPerRequest maxLoadingRetryTime enableAutoPipelining',
    'autoPipeliningIgnoredCommands scripts showFriendlyErrorStack stringNumbers protocol replyMapping',
    'disableClientInfo clientInfoTag Connector monitor offlineQueue commandQueue himportFieldsets',
    'sentinelUsername sentinelPassword sentinelRetryStrategy preferredSlaves sentinelReconnectStrategy',
    'sentinelCommandTimeout enableTLSForSentinelMode sentinelTLS updateSentinels sentinelMaxConnections',
    'failoverDetector',
  ].flatMap((line) => line.split(' ')),
  later: [],
}

/** Where an option that was put into the wrong section belongs. */
export const SECTIONS: Readonly<Record<string, SectionNames>> = {
  '': ROOT_NAMES,
  session: SESSION_NAMES,
  summary: SUMMARY_NAMES,
  serialization: SERIALIZATION_NAMES,
  'serialization.compression': COMPRESSION_NAMES,
  'serialization.encryption': ENCRYPTION_NAMES,
  resilience: RESILIENCE_NAMES,
  'resilience.retry': RETRY_NAMES,
  'resilience.breaker': BREAKER_NAMES,
  'resilience.inFlight': IN_FLIGHT_NAMES,
  'resilience.journal': JOURNAL_NAMES,
  'resilience.healing': HEALING_NAMES,
  // A `timeout` elsewhere is more likely a deadline.
  durability: { known: ['replicas'], later: [] },
  connection: { known: ['url', 'client', 'cluster', 'sentinel', 'host', 'port', 'path'], later: [] },
}
