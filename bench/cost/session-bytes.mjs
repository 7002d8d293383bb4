import { Redis } from 'ioredis'
import { messagesOf } from '../corpus.mjs'
import { openMemory } from '../ours/memory.mjs'

const SESSIONS = 500
const MESSAGES = 50
const AT_ONCE = 50

const usedMemory = async (client) => Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))[1])

/** What `write` takes of the server's memory, for each of the sessions. */
const bytesOf = async (client, sessions, write) => {
  await client.flushdb('SYNC')
  const before = await usedMemory(client)
  for (let from = 0; from < sessions; from += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => write(`session-${from + index}`)))
  }
  return ((await usedMemory(client)) - before) / sessions
}

/** The messages as a thin wrapper keeps them: with what the module keeps as well. */
const thin = ({ id, role, content, createdAt }) => ({ id, role, content, createdAt })

/**
 * Bytes in Redis of a session with 50 messages of 200 characters, each appended by itself, so that the records of 50 operations
 * are among them; against the same messages as one JSON text. By `used_memory`: with all that Redis has around it.
 */
export const sessionBytes = async ({ url, scale }) => {
  const client = new Redis(url)
  const { app, memory } = await openMemory({ connection: { url }, resilience: { healing: false } })
  try {
    // What the server keeps for scripts and clients is there before anything is counted.
    await memory.session('warm-up').append(messagesOf(0, 1))
    const sessions = SESSIONS * scale
    const given = messagesOf(0, MESSAGES)
    let texts
    const ours = await bytesOf(client, sessions, async (id) => {
      const session = memory.session(id)
      for (const message of given) await session.append(message)
      texts ??= (await session.messages()).messages
    })
    const json = JSON.stringify(texts.map((message) => thin(message)))
    const naive = await bytesOf(client, sessions, (id) => client.set(id, json, 'EX', 604_800))
    const raw = Buffer.byteLength(json)
    const bare = Buffer.byteLength(JSON.stringify(given))
    return {
      bytes: Math.round(ours),
      rawJson: raw,
      ratio: ours / raw,
      againstRoleAndContent: ours / bare,
      oneJsonText: naive / raw,
    }
  } finally {
    await app.close()
    await client.flushdb('SYNC')
    client.disconnect()
  }
}
