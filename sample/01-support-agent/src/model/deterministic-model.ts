import { Injectable } from '@nestjs/common'
import type { Message } from 'nestjs-agent-memory'
import type { AgentState } from '../agent/agent-state.interface.js'
import { LanguageModel, type ModelRequest } from './language-model.js'

type Context = ModelRequest['context']

/** As `Mon, 10 Mar 2031`. Throws for anything but a Date: one that came back as a string would show at once. */
const dayOf = (date: Date): string => date.toUTCString().slice(0, 'Mon, 10 Mar 2031'.length)

const datesOf = ({ dates = {} }: Partial<AgentState>): string =>
  (['on', 'from', 'until'] as const)
    .flatMap((kind) => {
      const date = dates[kind]
      return date === undefined ? [] : [`${kind} ${dayOf(date)}`]
    })
    .join(' ')

const known = (state: Partial<AgentState>): string[] => {
  const dates = datesOf(state)
  return [
    ...(state.name === undefined ? [] : [`your name is ${state.name}`]),
    ...(state.phone === undefined ? [] : [`your phone number is ${state.phone}`]),
    ...(dates === '' ? [] : [`your dates are ${dates}`]),
  ]
}

const textOf = ({ content }: Message): string =>
  typeof content === 'string' ? content : content.map((part) => (part.type === 'text' ? part.text : '')).join('')

const saidBy = ({ messages }: Context): string[] => messages.filter(({ role }) => role === 'user').map(textOf)

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

const firstSaid = (context: Context): string => {
  const [first] = saidBy(context)
  if (context.omitted > 0 || context.summary !== undefined) return 'I can no longer see how our conversation began.'
  return first === undefined ? 'You have said nothing yet.' : `The first thing you said was: "${first}"`
}

const saidBefore = (context: Context): string => {
  const before = saidBy(context).at(-2)
  return before === undefined ? 'You have said nothing before.' : `Before that you said: "${before}"`
}

const everything = ({ state }: Context): string => {
  const facts = known(state)
  return facts.length === 0 ? 'I know nothing about you yet.' : sentence(facts.join(', '))
}

/** What is asked for, and the answer from the context. The first that fits answers. */
const ANSWERS: readonly (readonly [RegExp, (context: Context) => string])[] = [
  [/\bwhat\b.*\bfirst\b.*\bs(?:ay|aid)\b|\bwhat\b.*\bs(?:ay|aid)\b.*\bfirst\b/iu, firstSaid],
  [/\bwhat\b.*\bs(?:ay|aid)\b.*\bbefore\b/iu, saidBefore],
  [/\bwhat\b.*\bknow\b.*\bme\b/iu, everything],
  [
    /\bwho am i\b|\bwhat\b.*\bmy name\b/iu,
    ({ state }) => (state.name === undefined ? 'I do not know your name.' : `Your name is ${state.name}.`),
  ],
  [
    /\b(?:what|which)\b.*\bmy\b.*\b(?:number|phone)\b/iu,
    ({ state }) =>
      state.phone === undefined ? 'I do not know your phone number.' : `Your phone number is ${state.phone}.`,
  ],
  [
    /\b(?:when|what|which)\b.*\bmy\b.*\b(?:dates?|trip|booking|reservation)\b/iu,
    ({ state }) => {
      const dates = datesOf(state)
      return dates === '' ? 'I do not know your dates.' : `Your dates are ${dates}.`
    },
  ],
]

const replyTo = ({ context, question }: ModelRequest): string => {
  const answer = ANSWERS.find(([asked]) => asked.test(question))?.[1]
  if (answer !== undefined) return answer(context)
  const facts = known(context.state)
  return facts.length === 0 ? 'Thank you. How can I help?' : `Noted: ${facts.join(', ')}.`
}

/** Answers from the context it is given and from nothing else: what it says proves what is remembered. */
@Injectable()
export class DeterministicModel extends LanguageModel {
  // Asynchronous because the port is.
  async *stream(request: ModelRequest): AsyncGenerator<string> {
    yield* replyTo(request).split(/(?<= )/u)
  }
}
