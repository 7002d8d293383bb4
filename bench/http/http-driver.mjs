import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { messagesOf } from '../corpus.mjs'
import { NODE_FLAGS } from '../run/node-flags.mjs'
import { TooLate } from '../run/too-late.mjs'
import { WrongAnswer } from '../run/wrong-answer.mjs'

const ENTRY = fileURLToPath(new URL('./server-process.mjs', import.meta.url))
const WINDOW = 20
const HEADERS = { 'content-type': 'application/json' }
/** How long an application may take to start or to end, in ms. */
const PATIENCE = 20_000
/** Requests before the rounds: what they take says how many a slice has. */
const WARM_UP = 1_500
/** A slice of HTTP is this many times longer than others: connections are made at its beginning. */
const LONGER = 5

/** What is posted to see what is kept, beside what the load posts. */
const LOADED = messagesOf(0, 2)
const LOOKED = messagesOf(1_000, 1_002)
/** What the application says when the module had no time. */
const LATE_STATUS = 503

const contentsOf = (messages) => JSON.stringify(messages?.map(({ role, content }) => [role, content]))

const isRight = ({ route }, answer) => {
  if (route === 'echo') return contentsOf(answer.messages) === contentsOf(LOOKED)
  const turns = Array.from({ length: WINDOW / 2 }, (_, at) => contentsOf(answer.slice(at * 2, at * 2 + 2)))
  const known = [LOADED, LOOKED].map((turn) => contentsOf(turn))
  return answer.length === WINDOW && turns.every((turn) => known.includes(turn)) && turns.at(-1) === known[1]
}

/** Requests to an application of its own, by as many connections as the row has callers; each has its own session. */
export class HttpDriver {
  #platform
  #redisUrl
  #child
  /** @type {Promise<number> | undefined} */
  #port
  #amounts = new Map()

  constructor(platform, { url }) {
    this.#platform = platform
    this.#redisUrl = url
  }

  /** Starts the application. */
  open() {
    this.#port ??= this.#start()
    return this.#port
  }

  async prepare(row, budget) {
    await this.open()
    for (let caller = 0; caller < row.callers; caller += 1) {
      // By pieces that the routes take: a body has a limit.
      for (let from = 0; from < row.history; from += 50) await this.#post(row, caller, messagesOf(from, from + 50))
      for (let turn = 0; turn < WINDOW / 2; turn += 1) await this.#post(row, caller, LOADED)
    }
    const { perSecond } = await this.#load(row, WARM_UP)
    this.#amounts.set(row.name, Math.max(row.callers * 2, Math.ceil((perSecond * budget * LONGER) / 1_000)))
    await this.check(row)
  }

  async ready(row) {
    await this.#load(row, Math.ceil(this.#amounts.get(row.name) / LONGER))
  }

  async slice(row) {
    const { perSecond, calls } = await this.#load(row, this.#amounts.get(row.name))
    return { calls, microseconds: 1e6 / perSecond }
  }

  /**
   * A turn of each session after the load: what is answered has whole turns alone, the newest at the end.
   *
   * @throws WrongAnswer
   */
  async check(row) {
    const found = await Promise.all(Array.from({ length: row.callers }, (_, caller) => this.#post(row, caller, LOOKED)))
    for (const answer of found) {
      if (!isRight(row, answer)) throw new WrongAnswer('another window')
    }
  }

  async close() {
    const child = this.#child
    if (child === undefined || child.exitCode !== null) return
    const exited = once(child, 'exit')
    if (child.connected) child.send('end')
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await exited
    clearTimeout(timer)
  }

  async #start() {
    this.#child = fork(ENTRY, [this.#platform, this.#redisUrl], {
      execArgv: NODE_FLAGS,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const signal = AbortSignal.timeout(PATIENCE)
    const ended = once(this.#child, 'exit', { signal }).then(() => {
      throw new Error('the application ended')
    })
    const [{ port }] = await Promise.race([once(this.#child, 'message', { signal }), ended])
    return port
  }

  async #url({ route }, id = '') {
    return `http://127.0.0.1:${await this.#port}/${route}/${id}`
  }

  #idOf({ route }, caller) {
    return `http-${route}-${this.#platform}-${caller}`
  }

  async #post(row, caller, messages) {
    const response = await fetch(await this.#url(row, this.#idOf(row, caller)), {
      method: 'POST',
      headers: HEADERS,
      body: JSON.stringify({ messages }),
      signal: AbortSignal.timeout(PATIENCE),
    })
    if (response.status === LATE_STATUS) throw new TooLate('the module had no time')
    if (!response.ok) throw new WrongAnswer(`status ${response.status}`)
    return response.json()
  }

  async #load(row, amount) {
    let callers = 0
    const body = JSON.stringify({ messages: LOADED })
    const url = await this.#url(row)
    const setupClient = (client) => {
      const path = `/${row.route}/${this.#idOf(row, callers++)}`
      client.setRequests([{ method: 'POST', path, headers: HEADERS, body }])
    }
    const load = autocannon({ url, connections: row.callers, amount, setupClient })
    // It looks once a second whether it is done: the answers themselves are what is timed.
    let first
    let last
    load.on('response', () => {
      last = performance.now()
      first ??= last
    })
    const result = await load
    const seconds = (last - first) / 1_000
    const late = (result.statusCodeStats[LATE_STATUS]?.count ?? 0) + result.timeouts
    const wrong = result.non2xx + result.errors - late
    if (wrong > 0) throw new WrongAnswer(`${wrong} of ${amount} requests were not answered as they should`)
    if (late > 0) throw new TooLate(`${late} of ${amount} requests were not answered in time`)
    return { perSecond: (amount - 1) / seconds, calls: amount }
  }
}
