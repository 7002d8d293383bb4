// Appends many messages to one encrypted session and patches one object of it, all at once, and repeats the last writes, which
// are remembered yet, with their operation ids. Answers what it was told of each.
import { testKey } from '../keys.js'
import { poll } from '../poll.js'
import type { ConnectionOptions } from 'nestjs-agent-memory'
import { openQuietMemory } from '../quiet-memory.js'
import { storing } from '../storing-memory.js'
import { clientOf } from '../client-of.js'
import { input } from './input.js'

export interface EncryptingWriterInput {
  readonly connection: ConnectionOptions
  readonly namespace: string
  readonly session: string
  readonly writer: string
  readonly writers: number
  readonly count: number
  /** The id of the key to write with; both are known. */
  readonly current: 'k1' | 'k2'
}

export interface EncryptingWriterOutput {
  readonly seqs: readonly number[]
  readonly versions: readonly string[]
  /** Of the writes that were repeated: whether the answer was the same. */
  readonly repeated: readonly boolean[]
}

const { connection, namespace, session: id, writer, writers, count, current } = input() as EncryptingWriterInput
const keys = { k1: testKey(1), k2: testKey(2) }
const { app, memory } = await openQuietMemory({
  connection,
  namespace,
  serialization: { encryption: { current, keys }, compression: { minBytes: '4kb' } },
  resilience: { deadline: '30s' },
})

/** All writers begin at the same time, however long each took to start. */
const gate = clientOf(connection)
const atGate = `gate:${namespace}:${id}`
await gate.multi().incr(atGate).expire(atGate, 60).exec()
await poll(async () => Number(await gate.get(atGate)) >= writers, 30_000)
gate.disconnect()

const session = storing(memory).session(id)
const contents = Array.from({ length: count }, (_, index) => `${writer}-${index}`)
const append = async (content: string): Promise<{ seq: number; version: string; duplicate: boolean }> => {
  const metadata = { at: new Date(5), padding: content.repeat(1_200) }
  const answer = await session.append({ role: 'user', content, metadata }, { operationId: content })
  return { seq: answer.messages[0]!.seq, version: answer.version, duplicate: answer.duplicate }
}
const patch = async (content: string): Promise<{ version: string; duplicate: boolean }> => {
  const { version, duplicate } = await session.state.patch(
    { shared: { [content]: new Date(content.length) } },
    { operationId: `patch ${content}` },
  )
  return { version, duplicate }
}
const told = await Promise.all(contents.flatMap((content) => [append(content), patch(content)]))
const appends = contents.map((_, index) => told[2 * index] as Awaited<ReturnType<typeof append>>)
const isSame = (first: object) => (again: object) =>
  JSON.stringify(again) === JSON.stringify({ ...first, duplicate: true })
const repeated = await Promise.all(
  contents.flatMap((content, index) => {
    if (index < count - 5) return []
    return [append(content).then(isSame(appends[index]!)), patch(content).then(isSame(told[2 * index + 1]!))]
  }),
)
await app.close()
const output: EncryptingWriterOutput = {
  seqs: appends.map(({ seq }) => seq),
  versions: told.map(({ version }) => version),
  repeated,
}
process.stdout.write(JSON.stringify(output))
