// Adds entries to a journal until it is killed, many at a time, and prints the operation id of each that was acknowledged.
import { Journal } from '../../../lib/resilience/journal/journal.js'

const { directory, round } = JSON.parse(process.env['JOURNAL_ADDER'] ?? '{}') as { directory: string; round: number }
const journal = new Journal({ directory, maxBytes: 1_000_000_000, maxAge: 60_000 })
await journal.open()

const add = async (session: string, number: number): Promise<void> => {
  const operationId = `${round}/${session}/${number}`
  await journal.add({ session, operationId, at: Date.now(), text: operationId.repeat(1 + (number % 200)) })
  // To a pipe it is written at once, and waits while the pipe is full.
  process.stdout.write(`${operationId}\n`)
}

const MOST = 100_000
await Promise.all(
  ['a', 'b', 'c'].map(async (session) => {
    // Two of a session at a time, called in order.
    for (let number = 0; number < MOST; number += 2) await Promise.all([add(session, number), add(session, number + 1)])
  }),
)
