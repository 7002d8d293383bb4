/** What still has to come to its end when a handler is done: a stream to the client, or what is kept of it. */
export class Hold {
  private readonly holds = new Set<Promise<unknown>>()

  get isHeld(): boolean {
    return this.holds.size > 0
  }

  until(end: Promise<unknown>): void {
    this.holds.add(end)
    const ended = (): void => void this.holds.delete(end)
    end.then(ended, ended)
  }

  /** Resolves when all of it has ended, however. */
  async released(): Promise<void> {
    while (this.isHeld) await Promise.allSettled(this.holds)
  }
}
