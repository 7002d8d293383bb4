// An application with a journal, which writes numbered messages to several sessions until it is killed, and says of each call
// that it is made and what it was answered. Speaks in lines of JSON, which reach the parent also when it is killed then.
import { subscribe } from 'node:diagnostics_channel'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { MemoryError, type WriteReplayedEvent, type WriteSetAsideEvent } from 'nestjs-agent-memory'
import { contentOf, type KilledWrite } from '../../chaos/journal-kills/entry.js'
import { between, seededRandom } from '../../chaos/random.js'
import { poll } from '../poll.js'
import { openQuietMemory } from '../quiet-memory.js'
import { input } from './input.js'

export interface JournalWriterInput {
  readonly url: string
  readonly namespace: string
  readonly directory: string
  readonly sessions: readonly string[]
  /** Messages per session. */
  readonly most: number
  /** Part of every id. */
  readonly life: number
  readonly seed: number
}

/**
 * `write`: opens the journal and begins; `again` are writes of an earlier life that were not answered, to be repeated first.
 * `drain`: opens the journal, waits until nothing waits in it, and ends.
 */
export type JournalWriterCommand =
  { readonly write: { readonly again: readonly KilledWrite[] } } | { readonly drain: true }

export type JournalWriterLine =
  | { readonly ready: true }
  /** How many writes wait. */
  | { readonly opened: number }
  | { readonly call: KilledWrite }
  | { readonly answered: KilledWrite; readonly stored: 'redis' | 'journal' }
  | { readonly failed: KilledWrite; readonly code: string; readonly executed: string }
  /** A write of the journal was made; so many wait yet. */
  | { readonly replayed: string; readonly left: number }
  | { readonly aside: string; readonly reason: string }
  | { readonly drained: { readonly entries: number; readonly aside: number } }

const DEADLINE = 300
const DRAINED_WITHIN = 60_000

const { url, namespace, directory, sessions, most, life, seed } = input() as JournalWriterInput
const say = (line: JournalWriterLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const commands = createInterface({ input: process.stdin })

const open = async () => {
  const opened = await openQuietMemory({
    connection: { url },
    namespace,
    // Nothing may be trimmed: what was answered has to be there in the end.
    session: { maxMessages: 1_000_000, maxBytes: '512mb' },
    resilience: { deadline: DEADLINE, onOutage: 'journal', journal: { directory } },
  })
  const { memory } = opened
  const left = (): number => memory.status().journal?.entries ?? -1
  say({ opened: left() })
  subscribe('nestjs-agent-memory:replayed', (event) =>
    say({ replayed: (event as WriteReplayedEvent).operationId, left: left() }),
  )
  subscribe('nestjs-agent-memory:set-aside', (event) => {
    const { operationId, reason } = event as WriteSetAsideEvent
    say({ aside: operationId, reason })
  })
  return { ...opened, left }
}

const write = async (again: readonly KilledWrite[]): Promise<void> => {
  const { memory } = await open()
  const append = async (named: KilledWrite): Promise<void> => {
    say({ call: named })
    const message = { role: 'user', content: contentOf(named) } as const
    try {
      const { stored } = await memory
        .session(named.session)
        .append(message, { operationId: `${named.session}/${named.id}` })
      say({ answered: named, stored: stored === 'journal' ? stored : 'redis' })
    } catch (error) {
      const { code, executed } = error instanceof MemoryError ? error : { code: String(error), executed: 'unknown' }
      say({ failed: named, code, executed })
    }
  }
  await Promise.all(
    sessions.map(async (session, place) => {
      const random = seededRandom(seed + place)
      for (const named of again) if (named.session === session) await append(named)
      let called = 0
      while (called < most) {
        const first = called
        called += between(random, [1, 3])
        // Not awaited one by one: their order is that of the calls.
        await Promise.all(
          Array.from({ length: called - first }, (_, index) => append({ session, id: `${life}-${first + index}` })),
        )
        await sleep(between(random, [0, 8]))
      }
    }),
  )
}

const drain = async (): Promise<void> => {
  const { app, memory, left } = await open()
  await poll(() => left() === 0, DRAINED_WITHIN).catch(() => undefined)
  const { entries = -1, aside = -1 } = memory.status().journal ?? {}
  await app.close()
  say({ drained: { entries, aside } })
}

commands.once('line', (line) => {
  const command: JournalWriterCommand = JSON.parse(line)
  commands.close()
  void ('drain' in command ? drain() : write(command.write.again))
})
say({ ready: true })
