/** What the application was told of calls that failed, and how long calls took. */
export class CallLog {
  /** By code and `executed`, as `TIMEOUT/unknown`. */
  readonly errors = new Map<string, number>()
  longestMs = 0
  appended = 0

  async time<T>(call: () => Promise<T>): Promise<T> {
    const start = performance.now()
    try {
      return await call()
    } catch (error) {
      const name = nameOf(error)
      this.errors.set(name, (this.errors.get(name) ?? 0) + 1)
      throw error
    } finally {
      this.longestMs = Math.max(this.longestMs, performance.now() - start)
    }
  }
}

const nameOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'not an Error'
  const { code, executed } = error as { code?: unknown; executed?: unknown }
  if (typeof executed === 'string') return `${String(code)}/${executed}`
  return /^[A-Z]{2,}/.exec(error.message)?.[0] ?? error.message
}
