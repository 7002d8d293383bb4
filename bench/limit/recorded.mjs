import { Redis } from 'ioredis'
import { messagesOf } from '../corpus.mjs'
import { keyOf, ours } from '../ours/memory.mjs'
import { knownBy, templateOf } from './command-template.mjs'
import { openRecorder } from './record-commands.mjs'

/** The module's commands for what is measured, to be sent by others; and the module itself, to fill sessions and to look at them. */
export const recordCommands = async ({ url }) => {
  const recorder = await openRecorder(url)
  const admin = new Redis(url)
  const memory = await ours({ connection: { url: recorder.url }, namespace: 'memory' }, admin)
  await memory.fill('recorded', messagesOf(0, 100))
  const messages = messagesOf(1_000, 1_002)
  const templates = async (work, contents = messages.map(({ content }) => content)) =>
    (await recorder.record(work)).map((command) => templateOf(command, keyOf('recorded'), contents))

  const appends = {}
  for (const message of messages) {
    appends[message.role] = await templates(() => memory.append('recorded', message), [message.content])
  }
  const turn = await templates(() => memory.turn('recorded', messages, 20))
  const last = await templates(() => memory.last('recorded', 20))
  const sessions = new Map()
  return {
    memory,
    /** How sessions begin and go: as the module has it. */
    sessions: {
      template: memory.template,
      clone: memory.clone,
      async drop(ids) {
        for (const id of ids) sessions.delete(id)
        await memory.drop(ids)
      },
    },
    /** By the role of the message, which stands in its head. */
    appends,
    turn,
    last,
    /** What a session is sent with. */
    session(id) {
      let session = sessions.get(id)
      if (session === undefined) sessions.set(id, (session = { key: keyOf(id), known: '' }))
      return session
    },
    /** @throws the server's refusal */
    learn(session, reply) {
      if (reply instanceof Error) throw reply
      if (reply[0] !== 'STORED' && reply[0] !== 'FOUND') throw new Error(`the script answered ${reply[0]}`)
      session.known = knownBy(reply)
    },
    async close() {
      await memory.close()
      recorder.close()
      admin.disconnect()
    },
  }
}
