import { Worker } from 'node:worker_threads'
import { BUS_SWITCH_WORKER } from './bus-switch-worker.js'

interface Answer {
  readonly ask: number
  readonly port: number
}

interface Waiting {
  readonly resolve: (port: number) => void
  readonly reject: (error: Error) => void
}

/**
 * What stands between the nodes of a cluster on their bus: each is reached by the others through a port of ours, which
 * it announces, and all links of a node can be held. A node is named by the address it connects from.
 */
export class BusSwitch {
  readonly #worker = new Worker(BUS_SWITCH_WORKER, { eval: true, execArgv: [] })
  readonly #waiting = new Map<number, Waiting>()
  #asked = 0

  constructor() {
    this.#worker.unref()
    this.#worker.on('message', ({ ask, port }: Answer) => this.#take(ask)?.resolve(port))
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new Error('the switch of the cluster bus has ended')))
  }

  /** Resolves to the port to announce for the bus port of a node. */
  open(name: string, busPort: number): Promise<number> {
    return this.#ask({ open: name, port: busPort })
  }

  /** From then on nothing gets through to the node or from it. */
  async hold(name: string): Promise<void> {
    await this.#ask({ hold: name })
  }

  async release(name: string): Promise<void> {
    await this.#ask({ release: name })
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  /** Only a question under way keeps the process alive. */
  async #ask(question: object): Promise<number> {
    const ask = (this.#asked += 1)
    this.#worker.ref()
    try {
      return await new Promise<number>((resolve, reject) => {
        this.#waiting.set(ask, { resolve, reject })
        this.#worker.postMessage({ ...question, ask }, [])
      })
    } finally {
      if (this.#waiting.size === 0) this.#worker.unref()
    }
  }

  #take(ask: number): Waiting | undefined {
    const waiting = this.#waiting.get(ask)
    this.#waiting.delete(ask)
    return waiting
  }

  #fail(error: Error): void {
    for (const ask of this.#waiting.keys()) this.#take(ask)?.reject(error)
  }
}
