import { types } from 'node:util'

/** A class of bytes: the bytes themselves, or a view on them. */
export interface ByteKind {
  readonly name: string
  readonly prototype: object
  /** The size of an item, in bytes. */
  readonly size: number
  readonly is: (value: object) => boolean
  /** A new one over the whole of a buffer. */
  over(buffer: ArrayBuffer): object
}

const TYPED_ARRAYS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
]

const typedArrayKind = (type: (typeof TYPED_ARRAYS)[number]): ByteKind => ({
  name: type.name,
  prototype: type.prototype,
  size: type.BYTES_PER_ELEMENT,
  is: (value) => types.isTypedArray(value) && value[Symbol.toStringTag] === type.name,
  over: (buffer) => new type(buffer),
})

export const BYTE_KINDS: readonly ByteKind[] = [
  {
    name: 'Buffer',
    prototype: Buffer.prototype,
    size: 1,
    is: types.isUint8Array,
    over: (buffer) => Buffer.from(buffer),
  },
  ...TYPED_ARRAYS.map(typedArrayKind),
  {
    name: 'DataView',
    prototype: DataView.prototype,
    size: 1,
    is: types.isDataView,
    over: (buffer) => new DataView(buffer),
  },
  {
    name: 'ArrayBuffer',
    prototype: ArrayBuffer.prototype,
    size: 1,
    is: types.isArrayBuffer,
    over: (buffer) => buffer,
  },
]
