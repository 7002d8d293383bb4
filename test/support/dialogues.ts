import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface DialogueTurn {
  readonly role: 'user' | 'assistant'
  readonly content: string
  /** On a user's turn: what the agent should know by then. */
  readonly state?: Readonly<Record<string, unknown>>
}

export interface Dialogue {
  readonly id: string
  readonly services: readonly string[]
  readonly turns: readonly DialogueTurn[]
}

export interface Dialogues {
  /** Where they come from, for the name of a test. */
  readonly source: string
  readonly dialogues: readonly Dialogue[]
}

/** A larger set of dialogues, one JSON object a line, that may lie beside a checkout; the project goes without it. */
const OPTIONAL_SET = fileURLToPath(new URL('../../../shared/data/sgd-dialogues.jsonl', import.meta.url))

const OWN_SET = fileURLToPath(new URL('./own-dialogues.json', import.meta.url))

/** The dialogues written for this project. */
export const ownDialogues = (): Dialogues => {
  const dialogues: Dialogue[] = JSON.parse(readFileSync(OWN_SET, 'utf8'))
  return { source: 'own-dialogues.json', dialogues }
}

/** The first so many dialogues of the larger set, which is all of them by default; an empty list when it is not there. */
export const optionalDialogues = (count = process.env['AGENT_MEMORY_TEST_DIALOGUES']): Dialogues => ({
  source: 'sgd-dialogues.jsonl',
  dialogues: existsSync(OPTIONAL_SET)
    ? readFileSync(OPTIONAL_SET, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .slice(0, count === undefined ? Infinity : Number(count))
        .map((line): Dialogue => JSON.parse(line))
    : [],
})
