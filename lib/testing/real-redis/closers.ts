type Close = () => Promise<void>

/** What was opened on servers, and is to be closed while they still answer. */
export class Closers {
  readonly #closers = { first: new Set<Close>(), last: new Set<Close>() }

  /** Returns how to take it back. */
  add(close: Close, order: 'first' | 'last' = 'first'): () => void {
    this.#closers[order].add(close)
    return () => this.#closers[order].delete(close)
  }

  /** Closes all; what is to be last comes after all others. Resolves to what went wrong. */
  async closeAll(): Promise<readonly unknown[]> {
    const { first, last } = this.#closers
    const closed = await Promise.allSettled([...first].map((close) => close()))
    closed.push(...(await Promise.allSettled([...last].map((close) => close()))))
    return closed.filter((result) => result.status === 'rejected').map(({ reason }) => reason as unknown)
  }
}

/** @throws AggregateError of what went wrong, if anything did */
export const throwAll = (failures: readonly unknown[], what: string): void => {
  if (failures.length > 0) throw new AggregateError(failures, `${what} failed`)
}
