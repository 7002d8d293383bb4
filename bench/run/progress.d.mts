import type { Writable } from 'node:stream'

export declare const openProgress: (stream?: Writable) => object
