// Appends many messages at once, and repeats each once with its operation id. Answers what it was told of each.
import type { ConnectionOptions } from 'nestjs-agent-memory'
import { openQuietMemory } from '../quiet-memory.js'
import { storing } from '../storing-memory.js'
import { input } from './input.js'

export interface AppenderInput {
  readonly connection: ConnectionOptions
  readonly namespace: string
  readonly session: string
  readonly writer: string
  readonly count: number
}

export interface AppenderOutput {
  readonly content: string
  readonly first: { readonly seq: number; readonly version: string; readonly duplicate: boolean }
  readonly again: { readonly seq: number; readonly version: string; readonly duplicate: boolean }
}

const { connection, namespace, session, writer, count } = input() as AppenderInput
const { app, memory } = await openQuietMemory({ connection, namespace })
const append = async (content: string): Promise<AppenderOutput['first']> => {
  const { messages, version, duplicate } = await storing(memory)
    .session(session)
    .append({ role: 'user', content }, { operationId: content })
  return { seq: messages[0]!.seq, version, duplicate }
}
const output = await Promise.all(
  Array.from({ length: count }, async (_, index): Promise<AppenderOutput> => {
    const content = `${writer}-${index}`
    const first = await append(content)
    return { content, first, again: await append(content) }
  }),
)
await app.close()
process.stdout.write(JSON.stringify(output))
