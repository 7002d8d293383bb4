import type { Version } from '../../model/record.interface.js'
import type { RecordCodec } from '../../serialization/record-codec.js'
import { DecodeError } from '../../serialization/codec.errors.js'
import type { SessionTarget } from '../session-target.interface.js'

/** A state value as it is given to the script, with the name of its field. */
export interface ContentField {
  readonly field: string
  readonly index: string
  readonly text: string
}

/** What a write that can wait in the journal writes. */
export type WriteContent =
  | {
      readonly kind: 'append'
      readonly messages: readonly { readonly head: string; readonly kind: string; readonly text: string }[]
    }
  | { readonly kind: 'state.set' | 'state.patch'; readonly fields: readonly ContentField[]; readonly ttl: number | '' }
  | { readonly kind: 'state.delete'; readonly names: readonly string[] }

/** A write as it waits in the journal. */
export interface WaitingWrite {
  readonly target: Pick<SessionTarget, 'id' | 'tenant' | 'userId'>
  /** What the caller gave, as of `operation`. */
  readonly canonical: string
  readonly content: WriteContent
  /** Whether Redis may have executed it: an attempt was not answered. */
  readonly unanswered: boolean
  /** The last seq known before it was made. */
  readonly lastSeq: number | undefined
  /** What was known of the session when it was called: neither this nor `lastSeq` for a session this process never saw. */
  readonly known: Version | undefined
  /** How long before it was kept its first attempt began that may have been executed, in ms. */
  readonly triedFor?: number | undefined
}

const FIELD = 'journal'

/** For the journal: compressed and encrypted as records are. */
export const sealWaiting = (codec: RecordCodec, operationId: string, write: WaitingWrite): string =>
  codec.seal(JSON.stringify(write), FIELD, operationId)

/** @throws DecodeError */
export const openWaiting = (codec: RecordCodec, operationId: string, text: string): WaitingWrite => {
  const json = codec.open(text, FIELD, operationId)
  try {
    return JSON.parse(json) as WaitingWrite
  } catch {
    throw new DecodeError('a journal entry that is no JSON')
  }
}
