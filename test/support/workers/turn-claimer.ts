// Claims one turn, says so, and does what it is told: stops itself by SIGSTOP, answers. Speaks in lines of JSON.
import { createInterface } from 'node:readline'
import { MemoryError } from 'nestjs-agent-memory'
import { claimed } from '../claims.js'
import type { ConnectionOptions } from 'nestjs-agent-memory'
import { openQuietMemory } from '../quiet-memory.js'
import { input } from './input.js'

export interface TurnClaimerInput {
  readonly connection: ConnectionOptions
  readonly namespace: string
  readonly session: string
  /** In ms. */
  readonly lease: number
}

export type TurnClaimerCommand = { readonly stop: true } | { readonly answer: string }

export type TurnClaimerLine =
  | { readonly claimed: true }
  | { readonly stopping: true }
  /** What the answer resolved to, or the code it failed with; and whether the signal had said that the claim was lost. */
  | { readonly standing: string; readonly lost: boolean }

const { connection, namespace, session: id, lease } = input() as TurnClaimerInput
const { app, memory } = await openQuietMemory({ connection, namespace })
const say = (line: TurnClaimerLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const turn = await claimed<string>(memory.session(id), { lease })
const commands = createInterface({ input: process.stdin })
commands.on('line', (line) => {
  const command: TurnClaimerCommand = JSON.parse(line)
  if ('stop' in command) {
    say({ stopping: true })
    process.kill(process.pid, 'SIGSTOP')
    return
  }
  const { aborted: lost } = turn.signal
  void turn
    .answer(command.answer)
    .then((standing) => standing?.answer ?? 'not kept')
    .catch((error: unknown) => (error instanceof MemoryError ? error.code : 'another error'))
    .then((standing) => say({ standing, lost }))
    .finally(() => commands.close())
})
commands.on('close', () => void app.close())
say({ claimed: true })
