import { DecodeError } from '../../serialization/codec.errors.js'
import type { RecordCodec } from '../../serialization/record-codec.js'
import { encodeStateValue, parseStateRecord, sealStateValue } from '../../serialization/state-record.js'
import { recordsOf } from '../append/append-records.js'
import type { NearCache } from '../near-cache/near-cache.js'
import { hashOf } from '../operation.js'
import type { SessionTarget } from '../session-target.interface.js'
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
  { key, userId }: SessionTarget,
  operationId: string,
  { content, lastSeq }: WaitingWrite,
): void => {
  const now = Date.now()
  switch (content.kind) {
    case 'append':
      cache.addWaitingMessages(key, userId, lastSeq, (first) =>
        recordsOf(codec, content.messages, { hash: hashOf(operationId) }, first, now),
      )
      return
    case 'state.delete':
      cache.addWaitingState(key, userId, [], content.names)
      return
    default: {
      const expires = content.ttl === '' ? 0 : now + content.ttl
      const written = content.fields.map((given): [string, string] => {
        const value = content.kind === 'state.set' ? given : merged(cache, codec, key, given)
        const { index, payload } = sealStateValue(codec, value, given.field)
        return [given.field, `1 ${NO_VERSION} ${now} ${expires} ${index} ${payload}`]
      })
      cache.addWaitingState(key, userId, written, [])
    }
  }
}

/** A patch, put together with what the cache has. */
const merged = (cache: NearCache, codec: RecordCodec, key: string, given: ContentField): ContentField => {
  const record = cache.stateRecord(key, given.field)
  if (record === undefined) return given
  try {
    const stored = parseStateRecord(codec, given.field, record).value()
    const value = mergeValues(stored, codec.codec.decode(given.text))
    return { ...given, ...encodeStateValue(codec.codec, value, given.field) }
  } catch (error) {
    if (error instanceof DecodeError) return given
    throw error
  }
}
