// Opens a journal and closes it again. Answers with the error, if any.
import { Journal } from '../../../lib/resilience/journal/journal.js'
import { input } from './input.js'

export interface JournalOpenerInput {
  readonly directory: string
}

export interface JournalOpenerOutput {
  readonly name?: string
  readonly message?: string
  readonly path?: string
}

const { directory } = input() as JournalOpenerInput
const journal = new Journal({ directory, maxBytes: 1_000_000, maxAge: 60_000 })
let output: JournalOpenerOutput = {}
try {
  await journal.open()
  await journal.close()
} catch (error) {
  const { name, message, path } = error as Error & { path?: string }
  output = { name, message, path }
}
process.stdout.write(JSON.stringify(output))
