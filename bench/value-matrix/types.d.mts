import type { TypeOption } from '../../lib/options/serialization-options.interface.js'

export declare const TYPES: readonly TypeOption[]
