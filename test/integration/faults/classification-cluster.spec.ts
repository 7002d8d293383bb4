import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { ConnectionOptions, MemoryError } from 'nestjs-agent-memory'
import { RealRedisCluster } from 'nestjs-agent-memory/testing'
import { slotOf, tagWithin } from '../../../lib/testing/real-redis-cluster/slot-of.js'
import { poll } from '../../support/poll.js'
import { succeeds } from '../../support/succeeds.js'
import { classified, closeAll, errorOf, MARKER, onClose, printed, type Classified } from './classification-rows.js'

interface State {
  /** Puts the servers into the state; what takes it back is for `onClose`. */
  readonly inflict: (tested: Classified) => Promise<unknown>
  readonly expected: Pick<MemoryError, 'code' | 'retryable'>
  readonly message: RegExp
  /** The text or the code of the root error. */
  readonly cause: RegExp
}

const UNAVAILABLE = { code: 'UNAVAILABLE', retryable: true } as const

/** A write and a read fail as is said; and what becomes of the same write when the state is over. */
const outcomeOf = async (connection: () => ConnectionOptions, state: State) => {
  const tested = await classified(connection())
  // It is connected, and what comes now comes to a memory that was well.
  await poll(() => succeeds(tested.read()))
  await state.inflict(tested)
  // What is wrong is heard of while the first call waits, on a busy machine only when it is over.
  await errorOf(tested.read())
  const failed = await errorOf(tested.append())
  const errors = [failed, await errorOf(tested.read())]
  for (const error of errors) {
    expect(error).toMatchObject(state.expected)
    expect(error.message).toMatch(state.message)
    const root = error.cause as Error & { readonly code?: string }
    expect(`${root.code} ${root.message}`).toMatch(state.cause)
    expect(printed(error)).not.toContain(MARKER)
  }
  await closeAll()
  const later = await classified(connection(), MARKER, tested.namespace)
  await poll(() => succeeds(later.read()))
  const { duplicate } = await later.append()
  return { executed: errors.map(({ executed }) => executed), duplicate, messages: await later.read() }
}

afterEach(closeAll)

describe('what a call says of a cluster, when', () => {
  let cluster: RealRedisCluster
  beforeAll(async () => {
    cluster = await RealRedisCluster.start({
      backend: 'binary',
      masters: 3,
      replicas: 0,
      // Nobody is taken for dead within a test, unless it is waited for.
      nodeTimeout: 3_000,
      args: ['--cluster-require-full-coverage', 'no'],
    })
  })
  afterAll(() => cluster.stop())

  const connection = (): ConnectionOptions => ({ cluster: { nodes: [...cluster.seeds] } })
  const owner = async ({ key }: Classified) => cluster.masterOf(key)

  it.each<[string, State]>([
    [
      'no node serves the slot',
      {
        inflict: async (tested) => {
          const client = cluster.nodeClient(await owner(tested))
          const slot = slotOf(tested.key)
          await client.call('CLUSTER', 'DELSLOTS', slot)
          onClose(() => client.call('CLUSTER', 'ADDSLOTS', slot))
        },
        expected: UNAVAILABLE,
        message: /no node serves this slot \(CLUSTERDOWN\)/,
        cause: /CLUSTERDOWN Hash slot not served/,
      },
    ],
    [
      'a node refuses everything',
      {
        inflict: async (tested) => {
          const serving = await owner(tested)
          const gone = (await cluster.topology()).find(({ id }) => id !== serving.id)!
          const fault = await cluster.killMaster(tagWithin(gone.slots))
          const others = (await cluster.topology()).filter(({ id }) => id !== fault.node.id)
          const setting = (value: string) =>
            Promise.all(
              others.map((node) => cluster.nodeClient(node).config('SET', 'cluster-require-full-coverage', value)),
            )
          await setting('yes')
          await poll(async () => {
            const infos = await Promise.all(others.map((node) => cluster.nodeClient(node).cluster('INFO')))
            return infos.every((info) => info.includes('cluster_state:fail'))
          })
          onClose(async () => {
            await setting('no')
            await fault.restore()
            await cluster.settled()
          })
        },
        expected: UNAVAILABLE,
        message: /CLUSTERDOWN/,
        cause: /CLUSTERDOWN The cluster is down/,
      },
    ],
    [
      'the others name a node that is gone (MOVED)',
      {
        inflict: async ({ key }) => {
          const fault = await cluster.killMaster(key)
          onClose(async () => {
            await fault.restore()
            await cluster.settled()
          })
        },
        expected: UNAVAILABLE,
        message: /no connection to Redis within 500 ms: nothing listens at the address/,
        cause: /ECONNREFUSED/,
      },
    ],
    [
      'the slot goes to a node that is gone (ASK)',
      {
        inflict: async (tested) => {
          const slot = slotOf(tested.key)
          const from = await owner(tested)
          const to = (await cluster.topology()).find(({ id }) => id !== from.id)!
          await cluster.nodeClient(to).call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id)
          await cluster.nodeClient(from).call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id)
          const fault = await cluster.killMaster(tagWithin(to.slots))
          expect(fault.node.id).toBe(to.id)
          onClose(async () => {
            await fault.restore()
            for (const node of [from, to]) await cluster.nodeClient(node).call('CLUSTER', 'SETSLOT', slot, 'STABLE')
            await cluster.settled()
          })
        },
        expected: UNAVAILABLE,
        message: /no connection to Redis within 500 ms: nothing listens at the address/,
        cause: /ECONNREFUSED/,
      },
    ],
    [
      'all nodes are gone',
      {
        inflict: async () => {
          const nodes = await cluster.topology()
          const faults = await Promise.all(nodes.map(({ slots }) => cluster.killMaster(tagWithin(slots))))
          expect(new Set(faults.map(({ node }) => node.id)).size).toBe(nodes.length)
          onClose(async () => {
            await Promise.all(faults.map((fault) => fault.restore()))
            await cluster.settled()
          })
        },
        expected: UNAVAILABLE,
        message: /no connection to Redis within 500 ms: nothing listens at the address/,
        cause: /ECONNREFUSED/,
      },
    ],
  ])(
    '%s',
    async (_, state) => {
      expect(await outcomeOf(connection, state)).toEqual({ executed: ['no', 'no'], duplicate: false, messages: 1 })
    },
    60_000,
  )
})
