import type { ConnectionOptions } from './memory-options.interface.js'
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
  readonly serialization: {
    readonly types: readonly TypeOption[]
    readonly compression: { readonly minBytes: number } | undefined
    readonly encryption: ResolvedEncryption | undefined
  }
  readonly resilience: { readonly deadline: number }
  readonly requireNoEviction: boolean
}

/** With keys of 32 bytes each, the current one among them; or with where to get them. */
export interface ResolvedEncryption {
  readonly current: string
  readonly keys: ReadonlyMap<string, Buffer> | KeyProvider
  readonly allowPlaintext: boolean
}
