import { diskFailed } from './journal-errors.js'
import { LEDGER_KEY } from './journal-record.js'
import type { LedgerCount } from './ledger.js'
import type { Level, LevelOperation } from './level.interface.js'
import type { Witness } from './witness.js'

interface Commit {
  readonly operations: readonly LevelOperation[]
  /** The id of the entry that is acknowledged when it is on disk; `undefined` for a change that may be lost. */
  readonly acknowledges: number | undefined
  readonly settle: () => void
  readonly fail: (reason: unknown) => void
}

/**
 * Writes changes to the database in the order of the calls: one batch at a time, with all that came in meanwhile. So many
 * writers share one fsync, a crash leaves a beginning of what was asked for and never a hole, and one thread of the pool
 * is busy and not all.
 *
 * After a failure nothing is written any more. LevelDB would go on after a write that was cut off, and could not read
 * behind it later.
 */
export class Commits {
  private waiting: Commit[] = []
  private running: Promise<void> | undefined
  private failure: unknown

  constructor(
    private readonly level: Level,
    private readonly witness: Witness,
    private readonly ledger: LedgerCount,
  ) {}

  get failed(): boolean {
    return this.failure !== undefined
  }

  /** @throws MemoryFullError when an earlier commit failed */
  check(): void {
    if (this.failed) throw diskFailed(this.failure, 'no')
  }

  /**
   * Resolves when the change is written, and on disk if it acknowledges an entry.
   *
   * @throws MemoryFullError
   */
  add(operations: readonly LevelOperation[], acknowledges?: number): Promise<void> {
    const done = new Promise<void>((settle, fail) => this.waiting.push({ operations, acknowledges, settle, fail }))
    this.running ??= this.run()
    return done
  }

  /** Resolves when all that was added before has settled: what comes in meanwhile is not waited for. */
  async settled(): Promise<void> {
    if (this.running !== undefined) await this.add([]).catch(() => undefined)
  }

  private async run(): Promise<void> {
    // What is added in the same turn of the event loop goes along.
    await Promise.resolve()
    while (this.waiting.length > 0) {
      const group = this.waiting
      this.waiting = []
      await this.write(group)
    }
    this.running = undefined
  }

  private async write(group: readonly Commit[]): Promise<void> {
    const begun = !this.failed
    try {
      if (!begun) throw this.failure
      const last = group.findLast(({ acknowledges }) => acknowledges !== undefined)?.acknowledges
      const operations = group.flatMap((commit) => commit.operations)
      operations.push({ type: 'put', key: LEDGER_KEY, value: this.ledger.toRecord() })
      await this.level.batch(operations, { sync: last !== undefined })
      if (last !== undefined) await this.witness.write(last)
    } catch (error) {
      this.failure ??= error
      for (const { fail } of group) fail(diskFailed(error, begun ? 'unknown' : 'no'))
      return
    }
    for (const { settle } of group) settle()
  }
}
