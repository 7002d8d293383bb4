import type { NodeView } from './node-view.js'
import { SLOTS } from './slot-of.js'

/** What a live node says of itself and of all others. */
export interface NodeReport {
  readonly id: string
  readonly name: string
  /** What CLUSTER INFO says: `ok` or `fail`. */
  readonly state: string
  readonly nodes: readonly NodeView[]
  /** Of a master: the ports of the replicas that what it writes reaches. */
  readonly serves: readonly number[]
}

const size = ([from, to]: readonly [number, number]): number => to - from + 1

type Live = ReadonlyMap<string, NodeReport>

const ofNode = (report: NodeReport, live: Live): string[] => {
  const { name, state, nodes } = report
  const problems: string[] = []
  if (state !== 'ok') problems.push(`${name} says cluster_state:${state}`)
  const covered = nodes.flatMap(({ slots }) => slots.map(size)).reduce((sum, count) => sum + count, 0)
  if (covered !== SLOTS) problems.push(`${name} knows masters of ${covered} of ${SLOTS} slots`)
  for (const { id, port, slots } of nodes)
    if (slots.length > 0 && !live.has(id)) problems.push(`${name} leaves slots to 127.0.0.1:${port}, which is away`)
  for (const [id, other] of live) {
    const view = nodes.find((node) => node.id === id)
    if (view === undefined) problems.push(`${name} does not know ${other.name}`)
    else if (view.failed || view.suspected) problems.push(`${name} does not reach ${other.name}`)
  }
  const self = nodes.find((node) => node.id === report.id)
  if (self?.role === 'replica' && live.get(self.masterId ?? '')?.serves.includes(self.port) !== true)
    problems.push(`${name} is not connected to its master`)
  return problems
}

/** Who has what, as one node sees it; of those that are live, since of others nobody hears the news. */
const sharing = ({ nodes }: NodeReport, live: Live): string =>
  nodes
    .filter(({ id }) => live.has(id))
    .map(({ id, role, masterId, slots }) => JSON.stringify([id, role, masterId, slots]))
    .toSorted()
    .join('\n')

/** Why a cluster is not whole yet; nothing when it is. */
export const unsettled = (reports: readonly NodeReport[]): string[] => {
  const live = new Map(reports.map((report) => [report.id, report]))
  const problems = reports.flatMap((report) => ofNode(report, live))
  const views = new Set(reports.map((report) => sharing(report, live)))
  if (views.size > 1) problems.push('the nodes do not agree on who has what')
  if (views.size === 0) problems.push('no node is up')
  return problems
}
