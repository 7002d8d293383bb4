import type { Version } from '../../model/record.interface.js'
import type { Deadline } from '../../redis/deadline.js'
import type { ScriptReply } from '../../redis/run-script.js'
import { appendScript } from '../../redis/scripts/scripts.generated.js'
import { sealMessage } from '../../serialization/message-record.js'
import { operationOfMessage, type Operation } from '../operation.js'
import { writeScript } from '../script-write.js'
import type { SessionRecords } from '../session-records.js'
import type { SessionStore } from '../session-store.js'
import { recordsOf, type MessageToAppend } from './append-records.js'

/** Head and payload of each message, for the places behind `lastSeq`. */
const partsOf = (
  { codec }: SessionRecords,
  messages: readonly MessageToAppend[],
  named: Operation,
  lastSeq: number,
): string[] =>
  messages.flatMap((message, index) => [
    message.head,
    sealMessage(codec, message, lastSeq + 1 + index, operationOfMessage(named, index)),
  ])

/** Sends an append, and learns from the answer. @throws MemoryError */
export const appendMessages = (
  store: SessionStore,
  records: SessionRecords,
  messages: readonly MessageToAppend[],
  named: Operation,
  expectedVersion: Version | undefined,
  deadline: Deadline,
): Promise<ScriptReply> => {
  const { maxMessages, maxBytes, onFull } = store.options.session
  const { encrypts } = records.codec.envelope
  const args = (lastSeq: number): (string | number)[] => [
    maxMessages,
    maxBytes,
    onFull,
    encrypts ? lastSeq : '',
    ...partsOf(records, messages, named, lastSeq),
  ]
  const learn = (reply: ScriptReply): ScriptReply => {
    const [status, version, life, first, now, trimmed] = reply
    if (status !== 'STORED') return reply
    store.learnLastSeq(Number(first) + messages.length - 1)
    store.taughtCache?.sawAppend(store.target.key, store.target.userId, {
      version: String(version),
      life: String(life),
      now: Number(now),
      trimmed: Number(trimmed),
      first: Number(first),
      records: recordsOf(records.codec, messages, named, Number(first), Number(now)),
    })
    return reply
  }
  return writeScript(store, appendScript, named, expectedVersion, encrypts ? args : args(0), deadline).then(learn)
}
