import { ValueCodec } from '../../build/serialization/codec/value-codec.js'
import { PlainEnvelope } from '../../build/serialization/envelope/plain-envelope.js'
import { decodeMessage } from '../../build/serialization/message-record.js'
import { RecordCodec } from '../../build/serialization/record-codec.js'
import { recordCommands } from './recorded.mjs'
import { openRawSocket } from './raw-socket.mjs'

/**
 * The limit: the module's own commands on a bare socket, the commands of a call in one write, the messages decoded as the module
 * does. Without what makes the module safe: no validation, no encoding, no deadline, no retries, no order of calls, no checks of
 * what comes back.
 */
export const open = async ({ url }) => {
  const recorded = await recordCommands({ url })
  const socket = await openRawSocket(url)
  const types = { of: () => undefined, named: () => undefined }
  const records = new RecordCodec(new ValueCodec(types), new PlainEnvelope(undefined), '')

  const decode = (reply) => {
    // As read.lua answers: the seq of the newest, and the records, newest first.
    const [, , , , , , , seq, found] = reply
    const messages = found.map((record, index) => decodeMessage(records, seq - index, record).message)
    return messages.toReversed()
  }

  const run = async (templates, id, messages) => {
    const session = recorded.session(id)
    const sent = templates.map((template) => socket.send(template(session, messages)))
    let reply
    for (const answer of sent) recorded.learn(session, (reply = await answer))
    return reply
  }

  return {
    ...recorded.sessions,
    append: (id, message) => run(recorded.appends[message.role], id, [message]),
    turn: async (id, messages) => decode(await run(recorded.turn, id, messages)),
    last: async (id) => decode(await run(recorded.last, id)),
    // What was recorded reads one window; what stands there is looked at by the module.
    reread: recorded.memory.last,
    async close() {
      socket.close()
      await recorded.close()
    },
  }
}
