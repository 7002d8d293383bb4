export { MemoryModule } from './memory.module.js'
export { MemoryService, type MemoryStatus, type SessionOwner } from './memory.service.js'
export { AgentMemoryHealthIndicator } from './nest/health/agent-memory.health.js'
export type {
  AgentMemoryHealth,
  AgentMemoryHealthOptions,
  MemoryClusterHealth,
  MemoryDown,
  MemoryHealthCode,
  MemoryHealthFacts,
  MemoryHealthReason,
  MemoryServerHealth,
  MemoryUp,
} from './nest/health/agent-memory-health.interface.js'

export { MemorySerializationInterceptor } from './nest/memory-serialization.interceptor.js'
export { MemoryExceptionFilter } from './nest/filter/memory-exception.filter.js'
export { toProblemDetails, type MemoryProblemDetails } from './nest/filter/problem-details.js'
export { memoryFieldMiddleware, type MemoryFieldMiddleware } from './nest/memory-field-middleware.js'
export { MEMORY_MEDIA_TYPE } from './nest/exact/media-type.js'
export { MemoryBodyPipe } from './nest/exact/memory-body.pipe.js'
export { MemoryJson } from './nest/exact/memory-json.js'
export { MemoryValidationPipe, type MemoryValidationOptions } from './nest/exact/memory-validation.pipe.js'
export { useMemoryBody, type MemoryBodyOptions } from './nest/exact/use-memory-body.js'
export { UseMemory } from './nest/call/use-memory.decorator.js'
export { OneTurnAtATime } from './nest/call/one-turn-at-a-time.decorator.js'
export { RememberTurn } from './nest/call/remember-turn.decorator.js'
export { CurrentSession, type OfMemory } from './nest/call/parameters/current-session.decorator.js'
export { CurrentLock } from './nest/call/parameters/current-lock.decorator.js'
export { History } from './nest/call/parameters/history.decorator.js'
export { PromptContext } from './nest/call/parameters/prompt-context.decorator.js'
export { SessionState } from './nest/call/parameters/session-state.decorator.js'
export type {
  OneTurnOptions,
  RememberedAnswer,
  RememberTurnOptions,
  UseMemoryOptions,
} from './nest/call/call-options.interface.js'
export type { FromCall } from './nest/call/from-call.interface.js'
export type { CallDecorator } from './nest/call/with-interceptor.js'
export { Serialization } from './serialization/serialization.js'

export { getMemoryOptionsToken, getMemoryToken, InjectMemory } from './named/memory-tokens.js'
export type { MemoryFeatureOptions } from './options/memory-feature-options.interface.js'
export type { MemoryModuleAsyncOptions } from './options/memory-module-async-options.interface.js'
export type { MemoryModuleExtras } from './options/memory-module-extras.interface.js'
export type { MemoryOptionsFactory } from './options/memory-options-factory.interface.js'

export type { Credentials, CredentialsProvider } from './options/credentials.interface.js'
export type {
  ConnectionCredentials,
  ConnectionOptions,
  DurabilityOptions,
  MemoryModuleOptions,
  SessionOptions,
  SummaryOptions,
  TokenCounterOption,
} from './options/memory-options.interface.js'
export { EstimatingTokenCounter } from './context/token-estimator.js'
export { TokenCounter } from './model/token-counter.js'
export type {
  BreakerOptions,
  HealingOptions,
  InFlightOptions,
  JournalOptions,
  ResilienceOptions,
  RetryOptions,
} from './options/resilience-options.interface.js'
export type { Duration, Size } from './options/units.interface.js'

export type {
  AnyTypeDefinition,
  Class,
  CompressionOptions,
  EncryptionOptions,
  KeyProvider,
  SerializationOptions,
  TypeDefinition,
  TypeOption,
} from './options/serialization-options.interface.js'
export type { StateOf, StateOption } from './options/state-option.interface.js'
export { MemoryType } from './serialization/types/memory-type.decorator.js'

export type {
  AgentSession,
  AppendOptions,
  AppendResult,
  MessagesOptions,
  MessagesResult,
  SessionInfo,
  StoredAppend,
} from './session/agent-session.interface.js'
export type { LockOptions, SessionLock } from './session/lock/session-lock.interface.js'
export type { JournaledWrite } from './session/outage/journaled-write.interface.js'
export type { WriteOptions } from './session/write-options.interface.js'
export type {
  Quarantine,
  QuarantinedRecord,
  QuarantineResult,
  ReencryptResult,
} from './session/quarantine/quarantine.interface.js'
export type {
  PatchOf,
  StateValues,
  StateWriteOptions,
  StateWriteResult,
  StoredStateWrite,
} from './session/state/session-state.interface.js'
export type { SessionSummary, SummaryCommit, SummaryCommitResult } from './session/session-summary.interface.js'
export type { ContextOptions, PromptFormats, SessionContext } from './context/session-context.interface.js'

export type {
  FilePart,
  ImagePart,
  Message,
  MessageContent,
  MessageInput,
  MessagePart,
  MessageRole,
  ProviderOptions,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from './model/message.interface.js'
export type { ReadOptions } from './model/read-options.interface.js'
export type { CorruptRecord, Version } from './model/record.interface.js'
export type { Summary } from './model/summary.interface.js'

export type { JournalStatus } from './resilience/journal/journal-entry.interface.js'
export type {
  BreakerEvent,
  CorruptRecordEvent,
  SessionEvent,
  OperationEvent,
  OperationName,
  RetryEvent,
  SessionLostEvent,
  ShedEvent,
  WriteJournaledEvent,
  WriteHealedEvent,
  WriteReplayedEvent,
  WriteSetAsideEvent,
  WriteUnderReplicatedEvent,
} from './observability/memory-events.js'

export { MemoryError, type Executed, type MemoryErrorCode } from './errors/memory.error.js'
export { MemoryConfigError } from './errors/memory-config.error.js'
export { MemoryConflictError, type ConflictCode } from './errors/memory-conflict.error.js'
export { MemoryCorruptError } from './errors/memory-corrupt.error.js'
export { MemoryFullError, type FullCode } from './errors/memory-full.error.js'
export { MemoryInvalidError } from './errors/memory-invalid.error.js'
export { MemoryLockError } from './errors/memory-lock.error.js'
export { MemoryLockLostError } from './errors/memory-lock-lost.error.js'
export { MemoryLostError, type LossReason } from './errors/memory-lost.error.js'
export { MemoryOverloadedError } from './errors/memory-overloaded.error.js'
export { MemoryPermissionError } from './errors/memory-permission.error.js'
export { MemorySerializationError } from './errors/memory-serialization.error.js'
export { MemoryShutdownError } from './errors/memory-shutdown.error.js'
export { MemoryTimeoutError } from './errors/memory-timeout.error.js'
export { MemoryTooLargeError } from './errors/memory-too-large.error.js'
export { MemoryUnavailableError } from './errors/memory-unavailable.error.js'
export { SessionDeletedError } from './errors/session-deleted.error.js'
export { SessionNotFoundError } from './errors/session-not-found.error.js'
export type { Problem } from './errors/problem.js'
