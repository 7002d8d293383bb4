import type { ConnectionOptions } from './memory-options.interface.js'

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
  readonly resilience: { readonly deadline: number }
  readonly requireNoEviction: boolean
}
