// Takes the lock of one session again and again, and appends two messages with its fence each time. Stops itself by SIGSTOP
// while it holds the lock, when it is told to; whoever told it lets it go on. Speaks in lines of JSON.
import { createInterface } from 'node:readline'
import { MemoryConflictError, MemoryError, MemoryLockLostError } from 'nestjs-agent-memory'
import type { FencedWrite } from '../../chaos/locks/fenced-write.interface.js'
import { openQuietMemory } from '../quiet-memory.js'
import { input } from './input.js'

export interface LockContenderInput {
  readonly url: string
  readonly namespace: string
  readonly session: string
  readonly process: number
  /** Without it, the writes carry no fence: the control. */
  readonly fenced: boolean
  /** In seconds. */
  readonly ttl: number
}

/** What it answers to: when to begin, and for how long; and to stop once when it holds the lock. */
export type LockContenderCommand = { readonly run: number } | { readonly pause: true }

export interface LockContenderReport {
  readonly acquisitions: number
  /** In ms. */
  readonly longestWait: number
  /** Of each pause, in ms. */
  readonly pauses: readonly number[]
  /** Writes that were refused because of their fence. */
  readonly refused: number
  readonly locksLost: number
  /** Writes that were acknowledged. */
  readonly written: readonly FencedWrite[]
  /** Codes of errors that should not be. */
  readonly unexpected: readonly string[]
}

export type LockContenderLine =
  { readonly ready: true } | { readonly stopping: true } | { readonly report: LockContenderReport }

const MAX_MESSAGES = 1_000_000

const { url, namespace, session: id, process: number, fenced, ttl } = input() as LockContenderInput
const { app, memory } = await openQuietMemory({
  connection: { url },
  namespace,
  session: { maxMessages: MAX_MESSAGES, maxBytes: '512mb', ttl: '1h' },
  resilience: { deadline: '5s' },
})
const session = memory.session(id)
const say = (line: LockContenderLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

let pauseWanted = false
let acquisitions = 0
let longestWait = 0
let refused = 0
let locksLost = 0
const pauses: number[] = []
const written: FencedWrite[] = []
const unexpected: string[] = []

const stop = (): void => {
  say({ stopping: true })
  const since = performance.now()
  process.kill(process.pid, 'SIGSTOP')
  pauses.push(performance.now() - since)
}

const write = async (what: FencedWrite['what'], fence: number): Promise<void> => {
  const message: FencedWrite = { process: number, fence, what }
  try {
    await session.append({ role: 'user', content: JSON.stringify(message) }, fenced ? { fence } : {})
    written.push(message)
  } catch (error) {
    if (error instanceof MemoryConflictError && error.code === 'FENCE_STALE') refused++
    throw error
  }
}

const underLock = async (fence: number): Promise<void> => {
  const stopBefore = pauseWanted ? Math.floor(Math.random() * 3) : -1
  pauseWanted = false
  if (stopBefore === 0) stop()
  await write('begin', fence)
  if (stopBefore === 1) stop()
  await write('end', fence)
  if (stopBefore === 2) stop()
}

const run = async (ms: number): Promise<void> => {
  const end = performance.now() + ms
  while (performance.now() < end) {
    const asked = performance.now()
    try {
      await session.withLock(
        ({ fence }) => {
          acquisitions++
          longestWait = Math.max(longestWait, performance.now() - asked)
          return underLock(fence)
        },
        { ttl: `${ttl}s`, wait: '30s' },
      )
    } catch (error) {
      if (error instanceof MemoryLockLostError) locksLost++
      else unexpected.push(error instanceof MemoryError ? error.code : String(error))
    }
  }
  await app.close()
  say({ report: { acquisitions, longestWait, pauses, refused, locksLost, written, unexpected } })
}

const commands = createInterface({ input: process.stdin })
commands.on('line', (line) => {
  const command: LockContenderCommand = JSON.parse(line)
  if ('pause' in command) pauseWanted = true
  else void run(command.run).finally(() => commands.close())
})
await session.info()
say({ ready: true })
