/** Counts what is under way, so that its end can be waited for. */
export class UnderWay {
  private waiting: (() => void)[] = []
  private number = 0

  get count(): number {
    return this.number
  }

  begin(): void {
    this.number++
  }

  end(): void {
    this.number--
    if (this.number > 0 || this.waiting.length === 0) return
    const { waiting } = this
    this.waiting = []
    for (const resolve of waiting) resolve()
  }

  /** Resolves when nothing is under way. */
  settled(): Promise<void> {
    return this.number === 0 ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve))
  }
}
