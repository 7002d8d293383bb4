import { performance } from 'node:perf_hooks'

/** A check that many ask for: those who ask at the same time wait for one, and its result is used again for a moment. */
export class SharedCheck<T> {
  private running: Promise<T> | undefined
  private last: { readonly result: T; readonly at: number } | undefined

  /** @param check settles within a bound of its own, and does not reject */
  constructor(private readonly check: () => Promise<T>) {}

  /** @param cacheFor how old a result may be, in ms; 0 for a new one */
  get(cacheFor: number): Promise<T> {
    if (this.running !== undefined) return this.running
    const { last } = this
    if (last !== undefined && performance.now() - last.at < cacheFor) return Promise.resolve(last.result)
    this.running = this.run()
    return this.running
  }

  /** What was found is no longer so. */
  forget(): void {
    this.last = undefined
  }

  private async run(): Promise<T> {
    try {
      const result = await this.check()
      this.last = { result, at: performance.now() }
      return result
    } finally {
      this.running = undefined
    }
  }
}
