import { DecodeError } from '../../serialization/codec.errors.js'
import type { RecordCodec } from '../../serialization/record-codec.js'
import { encodeStateValue, parseStateRecord, sealStateValue } from '../../serialization/state-record.js'
import { recordsOf } from '../append/append-records.js'
import type { NearCache } from '../near-cache/near-cache.js'
import { hashOf } from '../operation.js'
import { mergeValues } from '../state/given-value.js'
import type { ContentField, WaitingWrite } from './write-content.js'

/** The version of what Redis does not have yet: it is none that anyone could expect. */
const NO_VERSION = '0-000000000000'

/**
 * Puts a write that waits in the journal into the cache, so that reads show it at once. Its messages stand behind the last
 * one that is known, under seqs that they may not get.
 */
export const showWaiting = (
  cache: NearCache,
  codec: RecordCodec,
  key: string,
  operationId: string,
  { target: { userId }, content, lastSeq, known }: WaitingWrite,
): void => {
  const isUnseen = known === undefined && lastSeq === undefined
  const now = Date.now()
  switch (content.kind) {
    case 'append':
      cache.addWaitingMessages(key, userId, isUnseen, lastSeq, (first) =>
        recordsOf(codec, content.messages, { hash: hashOf(operationId) }, first, now),
      )
      return
    case 'state.delete':
      cache.addWaitingState(key, userId, isUnseen, [], content.names)
      return
    default: {
      const written = content.fields.map((given): [string, string] => {
        const patched =
          content.kind === 'state.set' ? { value: given, expires: 0 } : merged(cache, codec, key, given, now)
        const expires = content.ttl === '' ? patched.expires : now + content.ttl
        const { index, payload } = sealStateValue(codec, patched.value, given.field)
        return [given.field, `1 ${NO_VERSION} ${now} ${expires} ${index} ${payload}`]
      })
      cache.addWaitingState(key, userId, isUnseen, written, [])
    }
  }
}

/** A patch, put together with what the cache has; it ends when that does. */
const merged = (
  cache: NearCache,
  codec: RecordCodec,
  key: string,
  given: ContentField,
  now: number,
): { readonly value: ContentField; readonly expires: number } => {
  const alone = { value: given, expires: 0 }
  const record = cache.stateRecord(key, given.field)
  if (record === undefined) return alone
  try {
    const { expires, value: stored } = parseStateRecord(codec, given.field, record)
    if (expires !== 0 && expires <= now) return alone
    const value = mergeValues(stored(), codec.codec.decode(given.text))
    return { value: { ...given, ...encodeStateValue(codec.codec, value, given.field) }, expires }
  } catch (error) {
    if (error instanceof DecodeError) return alone
    throw error
  }
}
