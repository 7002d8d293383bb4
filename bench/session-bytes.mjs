/*
 * What sessions take of Redis' memory, for sizing: `npm run build && node bench/session-bytes.mjs`.
 * Starts a redis-server of its own; counts used_memory before and after, with everything a session holds.
 */
import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { MemoryModule, MemoryService } from '../dist/index.js'
import { RealRedis } from '../dist/testing/index.js'

const SESSIONS = 1_000
const AT_ONCE = 50
const SHAPES = [
  { messages: 10, characters: 200 },
  { messages: 50, characters: 200 },
  { messages: 200, characters: 200 },
  { messages: 50, characters: 1_000 },
]

/** Text that does not repeat, as that of people does not. */
const textOf = (characters, seed) => {
  let text = ''
  for (let value = seed + 1; text.length < characters; value = (value * 48_271) % 2_147_483_647)
    text += `${value.toString(36)} `
  return text.slice(0, characters)
}

const usedMemory = async (client) => Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))[1])

const redis = await RealRedis.start({ backend: 'binary' })
const client = redis.client()

const app = await NestFactory.createApplicationContext(
  MemoryModule.forRoot({ connection: { url: redis.url }, resilience: { healing: false } }),
  { logger: false },
)
const memory = app.get(MemoryService)

const fill = async (shape, index) => {
  const session = memory.session(`session-${shape.messages}-${shape.characters}-${index}`)
  let raw = 0
  for (let seq = 0; seq < shape.messages; seq++) {
    const message = {
      role: seq % 2 === 0 ? 'user' : 'assistant',
      content: textOf(shape.characters, index * 1_000 + seq),
    }
    raw += Buffer.byteLength(JSON.stringify(message))
    await session.append(message)
  }
  await session.state.set({ name: 'Ada', step: 3 })
  return raw
}

console.log('messages  characters  bytes a session  raw JSON  ratio  a million sessions')
for (const shape of SHAPES) {
  await client.flushall()
  const before = await usedMemory(client)
  let raw = 0
  for (let index = 0; index < SESSIONS; index += AT_ONCE) {
    const all = await Promise.all(Array.from({ length: AT_ONCE }, (_, offset) => fill(shape, index + offset)))
    raw += all.reduce((sum, bytes) => sum + bytes, 0)
  }
  const bytes = Math.round(((await usedMemory(client)) - before) / SESSIONS)
  const ratio = (bytes * SESSIONS) / raw
  const columns = [
    String(shape.messages).padStart(8),
    String(shape.characters).padStart(11),
    bytes.toLocaleString('en').padStart(16),
    Math.round(raw / SESSIONS)
      .toLocaleString('en')
      .padStart(9),
    ratio.toFixed(2).padStart(6),
    `${((bytes * 1e6) / 2 ** 30).toFixed(1)} GiB`.padStart(19),
  ]
  console.log(columns.join(' '))
}
await app.close()
await redis.stop()
