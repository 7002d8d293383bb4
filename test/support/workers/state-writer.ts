// Writes many state fields of one session, one by one.
import type { ConnectionOptions } from 'nestjs-agent-memory'
import { clientOf } from '../client-of.js'
import { poll } from '../poll.js'
import { openQuietMemory } from '../quiet-memory.js'
import { ThinWrapper } from '../thin-wrapper.js'
import { input } from './input.js'

export interface StateWriterInput {
  readonly kind: 'ours' | 'thin'
  readonly connection: ConnectionOptions
  readonly namespace: string
  readonly session: string
  readonly writer: string
  readonly count: number
}

const WRITERS = 2

const { kind, connection, namespace, session, writer, count } = input() as StateWriterInput
const fields = Array.from({ length: count }, (_, index) => `${writer}${index}`)

/** Both writers begin at the same time, however long each took to start. */
const gate = clientOf(connection)
const atGate = `gate:${namespace}:${session}`
await gate.multi().incr(atGate).expire(atGate, 60).exec()
await poll(async () => Number(await gate.get(atGate)) >= WRITERS, 30_000)
gate.disconnect()

if (kind === 'ours') {
  const { app, memory } = await openQuietMemory({ connection, namespace })
  for (const field of fields) await memory.session(session).state.set({ [field]: field })
  await app.close()
} else {
  const redis = clientOf(connection)
  const thin = new ThinWrapper(redis, namespace, 60)
  for (const field of fields) await thin.setState(session, { [field]: field })
  redis.disconnect()
}
process.stdout.write(JSON.stringify(fields))
