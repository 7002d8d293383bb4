import { setTimeout as sleep } from 'node:timers/promises'
import { MemoryError } from 'nestjs-agent-memory'
import type { Expected } from './matrix-fault.interface.js'
import type { MatrixOperation, Prepared } from './matrix-operation.interface.js'

export const DEADLINE_MS = 400
/** What a busy machine may add to a deadline. */
const GRACE_MS = 700
/** By when an operation succeeds, once nothing is in its way. */
const RECOVERY_MS = 20_000

/** How a call ended. */
export type Ending =
  | { readonly kind: 'answered'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'hung' }

/** What can be seen of a session past the fault. */
export interface SessionView {
  /** How many versions the session has had. */
  readonly versions: () => Promise<number>
  /** In ms; as PTTL says it. */
  readonly ttl: () => Promise<number>
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)

/** One operation under one fault. What is not as promised is collected, in words. */
export class Cell {
  readonly problems: string[] = []
  ending: Ending | undefined

  constructor(
    readonly operation: MatrixOperation,
    private readonly expected: Expected,
    /** With the session behind the fault. */
    private readonly behind: Prepared,
    /** With the session past the fault. */
    private readonly past: Prepared,
    private readonly view: SessionView,
    private readonly versionsBefore: number,
  ) {}

  /** Runs the operation while the fault is there. */
  async meetFault(): Promise<void> {
    const limit = DEADLINE_MS * (this.operation.deadlines ?? 1) + GRACE_MS
    this.ending = await this.#run(undefined, limit)
    this.#judge(this.ending, limit)
  }

  /** Looks whether what the call said is true, when the fault is over. */
  async checkTruth(): Promise<void> {
    const { ending, operation } = this
    if (ending?.kind !== 'failed' || operation.kind === 'read' || this.#isSpecial(ending.error)) return
    const executed = ending.error instanceof MemoryError ? ending.error.executed : 'unknown'
    if (executed === 'unknown') return
    const there = await this.#isThere()
    if (operation.name === 'reencrypt') return
    if (executed === 'no' && there) this.problems.push(`it said executed: 'no', and it is there`)
    if (executed === 'yes' && !there) this.problems.push(`it said executed: 'yes', and it is not there`)
  }

  /** Repeats the operation as an application does, until it succeeds; then all has to be there once. */
  async recover(): Promise<void> {
    const { ending } = this
    const operationId =
      ending?.kind === 'failed' && ending.error instanceof MemoryError ? ending.error.operationId : undefined
    if (ending?.kind !== 'answered' || this.operation.unnamed !== true) await this.#repeat(operationId)
    await this.#checkStored()
  }

  async #repeat(operationId: string | undefined): Promise<void> {
    const end = performance.now() + RECOVERY_MS
    for (;;) {
      const again = await this.#run(operationId, DEADLINE_MS * 3 + GRACE_MS)
      if (again.kind === 'answered') {
        if (!this.operation.isRight(again.result, this.behind))
          this.problems.push(`another answer afterwards: ${JSON.stringify(again.result)}`)
        return
      }
      if (performance.now() > end) {
        this.problems.push(
          `it did not succeed afterwards: ${again.kind === 'failed' ? messageOf(again.error) : 'hung'}`,
        )
        return
      }
      await sleep(20)
    }
  }

  /** For the table. */
  get text(): string {
    if (this.problems.length > 0) return 'WRONG'
    if (this.ending?.kind !== 'failed') return 'ok'
    return this.ending.error instanceof MemoryError ? this.ending.error.executed : '?'
  }

  async #run(operationId: string | undefined, limit: number): Promise<Ending> {
    let timer: NodeJS.Timeout | undefined
    const hung = new Promise<Ending>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'hung' }), limit)
    })
    const call = (async () => this.operation.run(this.behind, operationId))().then(
      (result): Ending => ({ kind: 'answered', result }),
      (error: unknown): Ending => ({ kind: 'failed', error }),
    )
    const ending = await Promise.race([call, hung])
    clearTimeout(timer)
    return ending
  }

  #judge(ending: Ending, limit: number): void {
    const { succeeds, codes, executed } = this.expected
    if (ending.kind === 'hung') this.problems.push(`it did not settle within ${limit} ms`)
    else if (ending.kind === 'answered') {
      if (!this.operation.isRight(ending.result, this.behind))
        this.problems.push(`another answer: ${JSON.stringify(ending.result)}`)
      else if (succeeds === 'never') this.problems.push('it succeeded, which cannot be under this fault')
    } else if (!(ending.error instanceof MemoryError)) this.problems.push(`no MemoryError: ${messageOf(ending.error)}`)
    else if (succeeds === 'always') this.problems.push(`it has to succeed, and failed: ${messageOf(ending.error)}`)
    else if (!this.#isSpecial(ending.error)) {
      const { code, executed: said } = ending.error
      if (!codes.includes(code)) this.problems.push(`it failed with ${code}: ${messageOf(ending.error)}`)
      if (executed !== undefined && code !== 'TIMEOUT' && !executed.includes(said))
        this.problems.push(`it said executed: '${said}' (${code})`)
      if (this.operation.kind === 'read' && said !== 'no') this.problems.push(`a read that said executed: '${said}'`)
    }
  }

  /** A code of the operation itself. */
  #isSpecial(error: unknown): boolean {
    return error instanceof MemoryError && this.operation.codes?.includes(error.code) === true
  }

  async #isThere(): Promise<boolean> {
    const { isThere } = this.operation
    return isThere === undefined || (await isThere(this.past))
  }

  async #checkStored(): Promise<void> {
    const { operation } = this
    if (!(await this.#isThere())) this.problems.push('it is not there in the end, or not as it should be')
    const versions = (await this.view.versions()) - this.versionsBefore
    const expected = 'versions' in operation ? operation.versions : operation.kind === 'write' ? 1 : 0
    if (expected !== undefined && versions !== expected)
      this.problems.push(`it made ${versions} versions, and should have made ${expected}`)
    if ((await this.view.ttl()) < 0) this.problems.push('the session has no TTL')
  }
}
