import { describe, expect, it } from '@jest/globals'
import type { NodeView } from '../../../lib/testing/real-redis-cluster/node-view.js'
import { unsettled, type NodeReport } from '../../../lib/testing/real-redis-cluster/unsettled.js'

const view = (port: number, values: Partial<NodeView> = {}): NodeView => ({
  id: `id-${port}`,
  host: '127.0.0.1',
  port,
  role: 'master',
  masterId: undefined,
  epoch: port,
  slots: [],
  failed: false,
  suspected: false,
  ...values,
})

/** Two masters that share the slots, and a replica of the first. */
const NODES = [
  view(1, { slots: [[0, 8_191]] }),
  view(2, { slots: [[8_192, 16_383]] }),
  view(3, { role: 'replica', masterId: 'id-1' }),
]

const report = (port: number, values: Partial<NodeReport> = {}): NodeReport => ({
  id: `id-${port}`,
  name: `127.0.0.1:${port}`,
  state: 'ok',
  nodes: NODES,
  serves: port === 1 ? [3] : [],
  ...values,
})

const changed = (port: number, values: Partial<NodeView>): NodeView[] =>
  NODES.map((node) => (node.port === port ? { ...node, ...values } : node))

describe('unsettled', () => {
  it('has nothing to say of a cluster that is whole', () => {
    expect(unsettled([report(1), report(2), report(3)])).toEqual([])
  })

  it('does not miss a replica that is down', () => {
    const nodes = changed(3, { failed: true })
    expect(unsettled([report(1, { nodes, serves: [] }), report(2, { nodes })])).toEqual([])
  })

  it.each<[string, NodeReport[], string[]]>([
    ['nobody is up', [], ['no node is up']],
    ['a node says so', [report(1), report(2, { state: 'fail' }), report(3)], ['127.0.0.1:2 says cluster_state:fail']],
    [
      'slots are of a node that is down',
      [report(1), report(3)],
      [
        '127.0.0.1:1 leaves slots to 127.0.0.1:2, which is away',
        '127.0.0.1:3 leaves slots to 127.0.0.1:2, which is away',
      ],
    ],
    [
      'a node is taken for dead that is not',
      [report(1, { nodes: changed(2, { suspected: true }) }), report(2), report(3)],
      ['127.0.0.1:1 does not reach 127.0.0.1:2'],
    ],
    [
      'a replica is not served',
      [report(1, { serves: [] }), report(2), report(3)],
      ['127.0.0.1:3 is not connected to its master'],
    ],
    [
      'word has not got round',
      [report(1), report(2), report(3, { nodes: NODES.slice(1) })],
      [
        '127.0.0.1:3 knows masters of 8192 of 16384 slots',
        '127.0.0.1:3 does not know 127.0.0.1:1',
        'the nodes do not agree on who has what',
      ],
    ],
  ])('says so when %s', (_, reports, problems) => {
    expect(unsettled(reports)).toEqual(problems)
  })
})
