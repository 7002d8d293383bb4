import type { MemoryService } from 'nestjs-agent-memory'
import { contentOf, fieldOf, kindOf, OUTCOMES, sessionOf, type LoadReport } from './open-loop.js'

/** What stands in Redis in the end, held against what was answered. */
export interface Effects {
  readonly acknowledged: number
  readonly refused: number
  readonly unknown: number
  /** Of the unknown ones, those that were executed. */
  readonly unknownDone: number
  /** What must not be, one line each. */
  readonly violations: readonly string[]
}

const PAGE = 1_000

/** How often each message stands there, by its content, and in which order. */
const readMessages = async (memory: MemoryService, id: string): Promise<string[]> => {
  const contents: string[] = []
  for (let after = 0; ;) {
    const { messages } = await memory.session(id).messages({ after, limit: PAGE })
    for (const { content } of messages) contents.push(content as string)
    if (messages.length < PAGE) return contents
    after = messages.at(-1)!.seq
  }
}

/** Reads everything, in a process that saw none of it. */
export const checkEffects = async (
  memory: MemoryService,
  sessions: number,
  { calls, outcomes }: LoadReport,
): Promise<Effects> => {
  const outcomeOf = Buffer.from(outcomes, 'base64')
  const times = new Map<string, number>()
  const places = new Map<string, number>()
  const fields = new Map<string, unknown>()
  const violations: string[] = []
  for (let index = 0; index < sessions; index++) {
    const id = `session-${index}`
    for (const [place, content] of (await readMessages(memory, id)).entries()) {
      times.set(content, (times.get(content) ?? 0) + 1)
      places.set(content, place)
    }
    const { values } = await memory.session(id).state.get()
    for (const [field, value] of Object.entries(values)) fields.set(field, value)
  }
  const count = { acknowledged: 0, refused: 0, unknown: 0, unknownDone: 0 }
  const newest = new Map<string, number>()
  for (let call = 0; call < calls; call++) {
    const kind = kindOf(call)
    if (kind === 'messages') continue
    const outcome = OUTCOMES[outcomeOf[call]!]!
    const name = `${kind} ${call} (${outcome})`
    const content = contentOf(call)
    const there = kind === 'append' ? (times.get(content) ?? 0) : fields.get(fieldOf(call)) === call ? 1 : 0
    times.delete(content)
    if (there > 1) violations.push(`${name} stands there ${there} times`)
    if (outcome === 'acknowledged' || outcome === 'refused' || outcome === 'unknown') count[outcome]++
    if (outcome === 'acknowledged' && there === 0) violations.push(`${name} is not there`)
    if (outcome === 'refused' && there > 0) violations.push(`${name} is there`)
    if (outcome === 'unknown') count.unknownDone += there
    if (kind !== 'append' || there === 0) continue
    const session = sessionOf(call, sessions)
    const place = places.get(content)!
    if (place < (newest.get(session) ?? -1)) violations.push(`${name} stands before one that was called earlier`)
    newest.set(session, Math.max(place, newest.get(session) ?? -1))
  }
  for (const content of times.keys()) violations.push(`nobody wrote "${content.slice(0, 20)}"`)
  return { ...count, violations }
}
