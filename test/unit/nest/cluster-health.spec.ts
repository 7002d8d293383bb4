import { describe, expect, it } from '@jest/globals'
import { ofCluster } from '../../../lib/nest/health/cluster-health.js'
import { probeKeys } from '../../../lib/nest/health/probe-keys.js'

const server = { role: 'master', usedMemory: 1, maxMemory: 0, evictedKeys: 0 } as const
const up = (ms: number) => ({ trip: { ms }, server })
const down = (name: string) => ({ trip: { error: name }, server: undefined })

const numberIn = (key: string): number => Number(/^am:\{n:~:h(\d*)\}$/.exec(key)?.[1] ?? Number.NaN)
const nodeOf = (key: string): string => ['a', 'a', 'elsewhere', 'b', 'a', 'c'][numberIn(key)] ?? 'a'

describe('ofCluster', () => {
  it('takes as long as the slowest master', () => {
    expect(ofCluster([up(1), up(3), up(2)], true)).toEqual({
      trip: { ms: 3 },
      cluster: { masters: 3, mastersDown: 0, servers: [server, server, server] },
    })
  })

  it.each([
    [[down('a'), up(1), down('b')], { ms: 1 }],
    [[up(1), down('a'), down('b')], { ms: 1 }],
    [[down('a'), down('b'), up(1)], { ms: 1 }],
  ])('is up with one master that is (%#)', (found, trip) => {
    expect(ofCluster(found, false)).toEqual({ trip, cluster: { masters: 3, mastersDown: 2 } })
  })

  it('is down without any, as the first says', () => {
    expect(ofCluster([down('a'), down('b')], false)).toEqual({
      trip: { error: 'a' },
      cluster: { masters: 2, mastersDown: 2 },
    })
  })
})

describe('probeKeys', () => {
  const nodes = new Set(['a', 'b', 'c'])

  it('finds a key for each node', () => {
    expect([...probeKeys('n', nodes, nodeOf)]).toEqual([
      ['a', 'am:{n:~:h}'],
      ['b', 'am:{n:~:h3}'],
      ['c', 'am:{n:~:h5}'],
    ])
  })

  it('gives up on one that has next to no slots', () => {
    expect([...probeKeys('n', nodes, () => 'b')]).toEqual([['b', 'am:{n:~:h}']])
  })

  it('is the one key for a server that is no node', () => {
    expect([...probeKeys('n', new Set(['']), () => '')]).toEqual([['', 'am:{n:~:h}']])
  })
})
