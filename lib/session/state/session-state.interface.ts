import type { CorruptRecord, Version } from '../../model/record.interface.js'
import type { ReadOptions } from '../../model/read-options.interface.js'
import type { JournaledWrite } from '../outage/journaled-write.interface.js'

/** @publicApi */
export interface StateWriteOptions<State = Record<string, unknown>> {
  /** As for `append`. */
  readonly operationId?: string | undefined
  /** Versions that fields must have, written here or not, from `get()` or an earlier write; `'0'` for a field that must not exist. */
  readonly expectedVersions?: { readonly [Field in keyof State]?: Version | undefined } | undefined
  /** As for `append`. */
  readonly fence?: number | undefined
  /**
   * How long the written fields live, as `'10m'`; no longer than the session.
   *
   * @default as long as the session; `patch` keeps what a field has
   */
  readonly ttl?: string | undefined
}

/** @publicApi */
export type StateWriteResult<State = Record<string, unknown>> = StoredStateWrite<State> | JournaledWrite

/** @publicApi */
export interface StoredStateWrite<State = Record<string, unknown>> {
  /** As for `append`. */
  readonly stored: 'redis' | 'replicated'
  /** As for `append`. */
  readonly replicas?: number
  /** The session's version after this write. */
  readonly version: Version
  /** The version of each written field. A deleted field has `'0'`. */
  readonly versions: { readonly [Field in keyof State]?: Version }
  readonly duplicate: boolean
  /** How many of the oldest messages were dropped to stay within `maxBytes`. */
  readonly trimmed: number
}

/** @publicApi */
export interface StateValues<State = Record<string, unknown>> {
  readonly values: Partial<State>
  readonly versions: { readonly [Field in keyof State]?: Version }
  /** As for `messages`. */
  readonly stale: boolean
  /** As for `messages`. */
  readonly staleMs?: number
  readonly corrupt: CorruptRecord[]
}

/**
 * Typed values of a session, each stored by itself: writers of different fields never undo each other.
 *
 * @publicApi
 */
export interface SessionState<State = Record<string, unknown>> {
  /** All fields. */
  get(options?: ReadOptions): Promise<StateValues<State>>
  /**
   * One field; `undefined` when it is absent or expired. Never stale: there would be no telling.
   *
   * @throws MemoryCorruptError when it cannot be read
   */
  value<Field extends keyof State & string>(field: Field): Promise<State[Field] | undefined>
  /** Replaces the named fields; others stay. */
  set(values: Partial<State>, options?: StateWriteOptions<State>): Promise<StateWriteResult<State>>
  /**
   * Merges plain objects into the stored ones, one level deep, on the server; other values replace.
   * Two writers that patch different keys of one field both win.
   */
  patch(values: PatchOf<State>, options?: StateWriteOptions<State>): Promise<StateWriteResult<State>>
  /** Removes fields. Fields that do not exist are no error. */
  delete(
    fields: readonly (keyof State & string)[],
    options?: Omit<StateWriteOptions<State>, 'ttl'>,
  ): Promise<StateWriteResult<State>>
}

/** What `patch` takes: of a plain object, any part. @publicApi */
export type PatchOf<State> = { readonly [Field in keyof State]?: State[Field] | Partial<State[Field]> }
