import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const EVERY_MS = 5_000
const MB = 1024 * 1024

/** Looks at the heap every few seconds, after the garbage was collected. */
export class HeapWatch {
  greatestMb = 0
  readonly #collect: () => void
  readonly #timer: NodeJS.Timeout

  constructor() {
    setFlagsFromString('--expose-gc')
    this.#collect = runInNewContext('gc') as () => void
    this.#timer = setInterval(() => this.#look(), EVERY_MS).unref()
    this.#look()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#look()
  }

  #look(): void {
    this.#collect()
    this.greatestMb = Math.max(this.greatestMb, process.memoryUsage().heapUsed / MB)
  }
}
