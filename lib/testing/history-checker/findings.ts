import type { Finding, FindingKind } from './finding.interface.js'

/** What was found. Of one write each kind is kept once, however often it is seen; every hung call counts. */
export class Findings {
  readonly #found = new Map<string, { readonly kind: FindingKind; readonly finding: Finding }>()

  add(kind: FindingKind, finding: Finding): void {
    const { session, id } = finding
    const key = JSON.stringify([kind, session, kind === 'hung' || id === undefined ? this.#found.size : `=${id}`])
    if (!this.#found.has(key)) this.#found.set(key, { kind, finding })
  }

  addAll(others: Findings): void {
    for (const { kind, finding } of others.#found.values()) this.add(kind, finding)
  }

  of(kind: FindingKind): Finding[] {
    return [...this.#found.values()].filter((found) => found.kind === kind).map(({ finding }) => finding)
  }
}
