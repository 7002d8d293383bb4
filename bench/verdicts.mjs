import { ratioOf } from './run/summarize.mjs'

/**
 * What must be reached, within one run. `of` and `to` are rows: the value is how many times as fast `of` is as `to`, by calls a
 * second. With `slower`, it is how many times as long it takes. `limit` is a row of the limit, and what it reaches in the place of `of`
 * is shown beside: no more can be had on this machine.
 */
const RATIOS = [
  { what: 'turn, 64 callers ÷ raw loop', of: 'turn/ours/100x64', to: 'turn/raw/100x64', least: 0.65 },
  { what: 'turn, 1 caller, p50 ÷ raw', of: 'turn/ours/100x1', to: 'turn/raw/100x1', most: 1.5, slower: true },
  { what: 'append, 64 callers ÷ bare SET', of: 'append/ours/100x64', to: 'append/set/0x64', least: 0.6 },
  {
    what: 'turn at 10,000 messages ÷ at 100',
    of: 'turn/ours/10000x64',
    to: 'turn/ours/100x64',
    least: 0.8,
    most: 1.25,
  },
  {
    what: 'append against naive, 100',
    of: 'append/ours/100x64',
    to: 'append/naive/100x64',
    limit: 'append/set-pipelined/0x64',
    least: 15,
  },
  {
    what: 'append against naive, 1,000',
    of: 'append/ours/1000x64',
    to: 'append/naive/1000x64',
    limit: 'append/set-pipelined/0x64',
    least: 200,
  },
  {
    what: 'append against LangChain history',
    of: 'append/ours/100x64',
    to: 'append/langchain/100x64',
    limit: 'append/set-pipelined/0x64',
    least: 2.5,
  },
  {
    what: 'last 20 at 1,000 against naive',
    of: 'last-20/ours/1000x64',
    to: 'last-20/naive/1000x64',
    limit: 'last-20/raw/1000x64',
    least: 20,
  },
  {
    what: 'last 20 at 1,000 against LangChain',
    of: 'last-20/ours/1000x64',
    to: 'last-20/langchain/1000x64',
    limit: 'last-20/raw/1000x64',
    least: 30,
  },
  {
    what: 'last 20 at 1,000 against Chat SDK',
    of: 'last-20/ours/1000x64',
    to: 'last-20/chat-sdk/1000x64',
    limit: 'last-20/raw/1000x64',
    least: 25,
  },
  {
    what: 'append through the service, traced ÷ bare EVALSHA, 64 callers',
    of: 'append/tracing/100x64',
    to: 'append/evalsha/100x64',
    least: 0.75,
  },
  {
    what: 'HTTP turn on Fastify ÷ naive GET + SETEX, 100',
    of: 'http-turn/fastify/100x64',
    to: 'http-naive/fastify/100x64',
    least: 2,
  },
]

const COSTS = [
  { what: 'bytes per session ÷ raw JSON', cost: 'session-bytes', value: (found) => found.ratio, most: 1.25 },
  {
    what: 'import of the main entry beyond @nestjs/common and ioredis, ms',
    cost: 'import-time',
    value: (found) => found.beyond,
    spread: (found) => found.spread,
    most: 60,
  },
]

const boundOf = ({ least, most }) => {
  if (least === undefined) return `at most ${most}`
  return most === undefined ? `at least ${least}` : `${least} to ${most}`
}

const judge = (line, value, spread, limit) => {
  const { what, least = -Infinity, most = Infinity } = line
  const isMet = value === undefined ? undefined : value >= least && value <= most
  return { what, value, spread, limit, bound: boundOf(line), isMet }
}

/** @param results of the rounds, by name @param costs by name @returns one line for each thing that must be reached */
export const verdictsOf = (results, costs) => [
  ...RATIOS.map((line) => {
    const [slow, fast] = line.slower === true ? [line.of, line.to] : [line.to, line.of]
    const found = ratioOf(results, slow, fast)
    const limit = line.limit && ratioOf(results, line.to, line.limit)?.ratio
    return judge(line, found?.ratio, found?.spread, limit)
  }),
  ...COSTS.map((line) => {
    const found = costs[line.cost]
    return found === undefined ? judge(line) : judge(line, line.value(found), line.spread?.(found))
  }),
]
