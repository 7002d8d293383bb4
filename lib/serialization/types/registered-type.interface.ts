/** A class whose instances can be kept, with everything filled in. */
export interface RegisteredType {
  readonly type: abstract new (...args: never[]) => unknown
  readonly name: string
  readonly version: number
  /** Any value that can be kept itself. */
  serialize(value: object): unknown
  /** @throws DecodeError when the data is of a newer version, cannot be migrated, or `deserialize` throws */
  deserialize(data: unknown, version: number): object
  /** For clients that take plain JSON. */
  toJson(value: object): unknown
}

/** The registered classes. */
export interface Types {
  /** By the prototype of an instance: subclasses are not meant. */
  of(value: object): RegisteredType | undefined
  named(name: string): RegisteredType | undefined
}
