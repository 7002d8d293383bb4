import type { Size } from './units.interface.js'

/**
 * A class, whatever its constructor takes.
 *
 * @publicApi
 */
// A constructor's parameters are contravariant: `never` takes any class.
export type Class<T = unknown> = abstract new (...args: never[]) => T

/**
 * How instances of a class are kept. Without `serialize` and `deserialize`:
 *
 * - an Error by its own properties (message, stack, cause, errors and what a subclass adds);
 * - by the string or number that `toJSON` gives and the constructor takes, as a Decimal; every instance is tried on the
 *   way in, and refused where the constructor makes another one of it;
 * - else by its own properties, set on a new object of the class without running its constructor. Symbol keys, accessors
 *   and properties that are not enumerable are refused, and so are private members (`#name`) that a getter reads. Private
 *   members that no getter reads cannot be seen and are lost: give such a class `serialize` and `deserialize`.
 *
 * An instance cannot hold itself: it does not exist yet while its data is read.
 *
 * @publicApi
 */
export interface TypeDefinition<T = unknown> {
  readonly type: Class<T>
  /**
   * What stands in Redis for the class. Never change it, and give it where code is minified: the class's own name may be
   * another tomorrow.
   *
   * @default the name given to `@MemoryType`, else the name of the class
   */
  readonly name?: string | undefined
  /**
   * The version of the form that `serialize` gives. A whole number from 1 on.
   *
   * @default 1
   */
  readonly version?: number | undefined
  /** Gives what stands for an instance: any value that can be kept, other registered instances included. */
  readonly serialize?: ((value: T) => unknown) | undefined
  /** Makes an instance out of what `serialize` gave. What it throws makes the record a corrupt one. */
  readonly deserialize?: ((data: never) => T) | undefined
  /** Brings what an older version of `serialize` gave into the form of this version. */
  readonly migrate?: ((data: never, fromVersion: number) => unknown) | undefined
  /**
   * Instead of `serialize` and `deserialize`: the decorators of class-transformer, an optional peer, do both. What they
   * exclude is not kept. Anything else has to come back as it was: every instance is tried on the way in, and refused where
   * a Map, a Decimal or a nested class would come back as a plain object for want of `@Type` or `@Transform`.
   */
  readonly transform?: 'class-transformer' | undefined
  /**
   * What the interceptor gives to clients that take plain JSON.
   *
   * @default what `toJSON` gives, else what `serialize` gives; of an Error, its name, its message and its enumerable
   * properties
   */
  readonly toJson?: ((value: T) => unknown) | undefined
}

/**
 * A definition of whatever class. Its functions name the type of what they take: `serialize: (money: Money) => money.cents`.
 *
 * @publicApi
 */
export interface AnyTypeDefinition extends Omit<TypeDefinition<never>, 'type' | 'deserialize'> {
  readonly type: Class
  readonly deserialize?: ((data: never) => unknown) | undefined
}

/**
 * A class, as it is or by its `@MemoryType`; or a definition.
 *
 * @publicApi
 */
export type TypeOption = Class | AnyTypeDefinition

/**
 * Gives a key by its id, as a key management service does: 32 bytes, or `undefined` for a key that does not exist. A key is
 * asked for once per process; a rejection is asked again with the next call.
 *
 * @publicApi
 */
export type KeyProvider = (id: string) => Promise<Uint8Array | undefined> | Uint8Array | undefined

/**
 * AES-256-GCM over the payloads of messages, state values and summaries.
 *
 * @publicApi
 */
export interface EncryptionOptions {
  /** The id of the key to write with: 1 to 64 of the characters `A-Z a-z 0-9 _ -`. */
  readonly current: string
  /** Every key records may stand under, by id, 32 bytes each (or their base64); or where to get them. */
  readonly keys: Readonly<Record<string, Uint8Array | string>> | KeyProvider
  /**
   * Read also records that are not encrypted. Only while a memory that was not encrypted is being turned into one: who can
   * write to Redis could put in a record of their own.
   *
   * @default false
   */
  readonly allowPlaintext?: boolean | undefined
}

/** @publicApi */
export interface CompressionOptions {
  /**
   * The size from which on a payload is compressed. At least `'4kb'`: below, it never pays.
   *
   * @default '4kb'
   */
  readonly minBytes?: Size | undefined
}

/** @publicApi */
export interface SerializationOptions {
  /** The classes whose instances may be kept, beside the built-in ones. @default [] */
  readonly types?: readonly TypeOption[] | undefined
  /** Deflate for large payloads; costs CPU, and pays where memory or network are dear. @default false */
  readonly compression?: boolean | CompressionOptions | undefined
  readonly encryption?: EncryptionOptions | undefined
}
