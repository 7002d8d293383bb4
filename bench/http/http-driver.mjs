import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { messageOf, messagesOf, windowOf } from '../corpus.mjs'
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

const contentsOf = (messages) => JSON.stringify(messages?.map(({ role, content }) => [role, content]))

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
    }
    const { perSecond } = await this.#load(row, WARM_UP)
    this.#amounts.set(row.name, Math.max(row.callers * 2, Math.ceil((perSecond * budget * LONGER) / 1_000)))
    await this.check(row)
  }

  async slice(row) {
    const { perSecond, calls } = await this.#load(row, this.#amounts.get(row.name))
    return { calls, microseconds: 1e6 / perSecond }
  }

  /** @throws WrongAnswer */
  async check(row) {
    const caller = 0
    const messages = messagesOf(1_000, 1_000 + WINDOW)
    const found = await this.#post(row, caller, messages)
    const expected = row.route === 'echo' ? messages : windowOf(1_000 + WINDOW, WINDOW)
    if (contentsOf(row.route === 'echo' ? found.messages : found) !== contentsOf(expected)) {
      throw new WrongAnswer(`${row.name} answered with another window`)
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
      execArgv: ['--no-warnings'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const signal = AbortSignal.timeout(PATIENCE)
    const [{ port }] = await once(this.#child, 'message', { signal })
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
    if (!response.ok) throw new WrongAnswer(`${row.name} answered ${response.status}`)
    return response.json()
  }

  async #load(row, amount) {
    let callers = 0
    const body = JSON.stringify({ messages: [messageOf(0), messageOf(1)] })
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
    const wrong = result.non2xx + result.errors + result.timeouts
    if (wrong > 0) throw new WrongAnswer(`${row.name}: ${wrong} of ${amount} requests were not answered as they should`)
    return { perSecond: (amount - 1) / seconds, calls: amount }
  }
}
