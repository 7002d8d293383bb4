import type { Redis } from 'ioredis'

/** Longer than a replica needs to answer. */
const ANSWER_MS = 20
/** More than there are: then Redis asks them all to answer, and waits. */
const MORE_REPLICAS_THAN_ANY = 1_000

interface Replication {
  /** How much the master has sent. */
  readonly sent: number
  /** How much of it which replica has got, by its port. */
  readonly got: ReadonlyMap<number, number>
}

const read = async (master: Redis): Promise<Replication> => {
  const info = await master.info('replication')
  const replicas = info.matchAll(/^slave\d+:.*?port=(\d+),state=online,offset=(\d+)/gm)
  return {
    sent: Number(/^master_repl_offset:(\d+)/m.exec(info)?.[1]),
    got: new Map([...replicas].map(([, port, offset]) => [Number(port), Number(offset)])),
  }
}

/**
 * The ports of the replicas that what a master writes now reaches. One that is connected may still have to wait for up to
 * a second, in which a failover would lose what is written. So they are asked twice: who has got the first question is
 * served.
 */
export const servedReplicas = async (master: Redis): Promise<number[]> => {
  const { got: before } = await read(master)
  await master.wait(MORE_REPLICAS_THAN_ANY, ANSWER_MS)
  const { sent } = await read(master)
  await master.wait(MORE_REPLICAS_THAN_ANY, ANSWER_MS)
  const { got } = await read(master)
  return [...got].filter(([port, offset]) => before.has(port) && offset >= sent).map(([port]) => port)
}
