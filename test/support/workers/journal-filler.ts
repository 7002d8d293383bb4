// Adds entries to a journal until one fails, and then one more. Answers what it was told.
import { Journal } from '../../../lib/resilience/journal/journal.js'
import { input } from './input.js'

export interface JournalFillerInput {
  readonly directory: string
}

interface Refusal {
  readonly name?: string
  readonly code?: string
  readonly executed?: string
  readonly message?: string
}

export interface JournalFillerOutput {
  readonly added: readonly string[]
  readonly refusals: readonly Refusal[]
  readonly failed: boolean
  /** Entries that can be read after the failure. */
  readonly readable: number
}

const { directory } = input() as JournalFillerInput
const journal = new Journal({ directory, maxBytes: 1_000_000_000, maxAge: 60_000 })
await journal.open()

const added: string[] = []
const add = async (operationId: string): Promise<Refusal | undefined> => {
  try {
    await journal.add({ session: 'full', operationId, at: Date.now(), text: 'x'.repeat(5_000) })
    added.push(operationId)
    return undefined
  } catch (error) {
    const { name, code, executed, message } = error as Error & Refusal
    return { name, code, executed, message }
  }
}

const refusals: Refusal[] = []
for (let number = 0; number < 1_000 && refusals.length < 2; number++) {
  const refusal = await add(`operation-${number}`)
  if (refusal !== undefined) refusals.push(refusal)
}
const readable = (await journal.entriesOf('full')).length
const output: JournalFillerOutput = { added, refusals, failed: journal.status().failed, readable }
await journal.close()
process.stdout.write(JSON.stringify(output))
