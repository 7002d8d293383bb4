import type { Finding, FindingKind } from './finding.interface.js'
import type { Findings } from './findings.js'

/** What was counted. */
export type HistoryCounts = Pick<HistoryReport, (typeof COUNTS)[number]>

const COUNTS = ['calls', 'writes', 'acknowledged', 'refused', 'unknown', 'reads'] as const
const KINDS: readonly FindingKind[] = [
  'hung',
  'lost',
  'doubled',
  'reordered',
  'garbled',
  'phantom',
  'staleAsFresh',
  'resurrected',
]
const SHOWN = 10

const line = ({ session, id, writer, detail }: Finding): string =>
  [`session ${session}`, id, writer === undefined ? undefined : `by ${writer}`, detail]
    .filter((part) => part !== undefined)
    .join(', ')

/**
 * What a history of calls shows.
 *
 * @publicApi
 */
export class HistoryReport {
  /** Every call, repeats and reads included. */
  readonly calls: number
  /** Each is counted once, here and in the next three, however often it was repeated. */
  readonly writes: number
  readonly acknowledged: number
  readonly refused: number
  readonly unknown: number
  /** Reads that were answered. */
  readonly reads: number
  readonly hung: readonly Finding[]
  readonly lost: readonly Finding[]
  readonly doubled: readonly Finding[]
  readonly reordered: readonly Finding[]
  readonly garbled: readonly Finding[]
  readonly phantom: readonly Finding[]
  readonly staleAsFresh: readonly Finding[]
  readonly resurrected: readonly Finding[]

  /** @internal */
  constructor(counts: HistoryCounts, findings: Findings) {
    this.calls = counts.calls
    this.writes = counts.writes
    this.acknowledged = counts.acknowledged
    this.refused = counts.refused
    this.unknown = counts.unknown
    this.reads = counts.reads
    this.hung = findings.of('hung')
    this.lost = findings.of('lost')
    this.doubled = findings.of('doubled')
    this.reordered = findings.of('reordered')
    this.garbled = findings.of('garbled')
    this.phantom = findings.of('phantom')
    this.staleAsFresh = findings.of('staleAsFresh')
    this.resurrected = findings.of('resurrected')
  }

  /** Whether nothing was found. */
  get clean(): boolean {
    return this.#kinds().every(([, findings]) => findings.length === 0)
  }

  /** @throws Error with the findings, when there are any */
  expectClean(): void {
    if (!this.clean) throw new Error(`the history is not clean\n${this.toString()}`)
  }

  /** A table of the numbers, and the first findings of each kind. */
  toString(): string {
    const kinds = this.#kinds()
    const rows = [
      ...COUNTS.map((name) => [name, this[name]] as const),
      ...kinds.map(([kind, findings]) => [kind, findings.length] as const),
    ]
    const table = rows.map(([name, count]) => `${name.padEnd(14)}${String(count).padStart(10)}`)
    const lists = kinds
      .filter(([, findings]) => findings.length > 0)
      .flatMap(([kind, findings]) => [
        `${kind}:`,
        ...findings.slice(0, SHOWN).map((finding) => `  ${line(finding)}`),
        ...(findings.length > SHOWN ? [`  and ${findings.length - SHOWN} more`] : []),
      ])
    return [...table, ...lists].join('\n')
  }

  #kinds(): readonly (readonly [FindingKind, readonly Finding[]])[] {
    return KINDS.map((kind) => [kind, this[kind]])
  }
}
