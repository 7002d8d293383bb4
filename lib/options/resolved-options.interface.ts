import type { ConnectionOptions, TokenCounterOption } from './memory-options.interface.js'
import type { KeyProvider, TypeOption } from './serialization-options.interface.js'
import type { StateOption } from './state-option.interface.js'

/** The options with every default filled in; durations in milliseconds, sizes in bytes. */
export interface ResolvedMemoryOptions {
  readonly connection: ConnectionOptions
  readonly connectOnBoot: 'background' | 'required'
  readonly namespace: string
  readonly session: {
    readonly ttl: number
    /** The end of a session after its creation: `maxAge`, or `ttl` where that is not sliding and shorter. May be below `ttl`. */
    readonly lifetime: number
    readonly maxMessages: number
    readonly maxBytes: number
    readonly maxMessageBytes: number
    readonly onFull: 'trim' | 'refuse'
  }
  readonly summary: { readonly ttl: number }
  readonly state: StateOption | undefined
  readonly tokenCounter: TokenCounterOption | undefined
  readonly serialization: {
    readonly types: readonly TypeOption[]
    readonly compression: { readonly minBytes: number } | undefined
    readonly encryption: ResolvedEncryption | undefined
  }
  readonly resilience: ResolvedResilience
  /** `undefined` where no replicas are waited for. `timeout` is in milliseconds, and never above the deadline. */
  readonly durability: { readonly replicas: number; readonly timeout: number } | undefined
  readonly requireNoEviction: boolean
}

/** With keys of 32 bytes each, the current one among them; or with where to get them. */
export interface ResolvedEncryption {
  readonly current: string
  readonly keys: ReadonlyMap<string, Buffer> | KeyProvider
  readonly allowPlaintext: boolean
}

/** Durations in milliseconds, sizes in bytes. */
export interface ResolvedResilience {
  readonly deadline: number
  /** `minDelay` is never above `maxDelay`. */
  readonly retry: {
    readonly attempts: number
    readonly minDelay: number
    readonly maxDelay: number
    readonly budget: number
  }
  readonly breaker: { readonly failures: number; readonly openFor: number } | undefined
  readonly inFlight: { readonly operations: number; readonly bytes: number }
  readonly onOutage: 'throw' | 'stale' | 'journal'
  /** Set if, and only if, `onOutage` is `journal`. */
  readonly journal: ResolvedJournal | undefined
  readonly healing: { readonly maxBytes: number; readonly maxAge: number } | undefined
  readonly onLoss: 'throw' | 'report'
}

export interface ResolvedJournal {
  readonly directory: string
  readonly maxBytes: number
  readonly maxAge: number
}
