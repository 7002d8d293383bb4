import { Logger } from '@nestjs/common'

/** What the log is told of the writes of one session that were made late: once for all of them, however many they are. */
export class ReplayLog {
  private behind = 0
  private outdated = 0
  private aside = 0
  private readonly reasons = new Set<string>()
  /** Known once a write of it could be read. */
  private sessionId: string | undefined

  replayed(
    sessionId: string,
    { behind, outdated }: { readonly behind: number; readonly outdated: readonly string[] },
  ): void {
    this.sessionId = sessionId
    if (behind > 0) this.behind++
    if (outdated.length > 0) this.outdated++
  }

  setAside(sessionId: string | undefined, reason: string): void {
    this.sessionId ??= sessionId
    this.aside++
    this.reasons.add(reason)
  }

  say(): void {
    const where = this.sessionId === undefined ? '' : ` (session ${JSON.stringify(this.sessionId)})`
    const waited = 'writes that waited in the journal'
    if (this.behind + this.outdated > 0) {
      const what = `${this.behind} stand behind messages of others, ${this.outdated} left newer fields alone`
      Logger.warn(`of the ${waited}, ${what}${where}`, 'AgentMemory')
    }
    if (this.aside === 0) return
    const reasons = [...this.reasons].join(', ')
    Logger.error(
      `${this.aside} ${waited} cannot be made, and are kept there: ${reasons}${where}`,
      undefined,
      'AgentMemory',
    )
  }
}
