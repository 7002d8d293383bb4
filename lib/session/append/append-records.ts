import { sealMessage, type EncodedMessage } from '../../serialization/message-record.js'
import type { RecordCodec } from '../../serialization/record-codec.js'
import { operationOfMessage, type Operation } from '../operation.js'

/** A message as far as the script needs it. */
export type MessageToAppend = Pick<EncodedMessage, 'head' | 'kind' | 'text'>

/** The records, as append.lua writes them. @param now for messages whose head has no time */
export const recordsOf = (
  codec: RecordCodec,
  messages: readonly MessageToAppend[],
  named: Pick<Operation, 'hash'>,
  first: number,
  now: number,
): string[] =>
  messages.map((message, index) => {
    const head = message.head.includes(' ') ? message.head : `${message.head} ${now}`
    const operation = operationOfMessage(named, index)
    return `${head} ${operation} ${sealMessage(codec, message, first + index, operation)}`
  })
