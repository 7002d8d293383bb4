import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultProxy } from 'nestjs-agent-memory/testing'
import { between, type Random } from '../random.js'
import type { Recorder } from './recorder.js'

/** What goes on around a process until it is to be killed. */
export interface Surroundings {
  readonly proxy: FaultProxy
  readonly recorder: Recorder
  readonly random: Random
}

/** Resolves at the moment at which the process is to be killed. */
type UntilKilled = (surroundings: Surroundings) => Promise<void>

const WITHIN = 4_000

/** Looks again and again, as fast as it can: the moment is part of the test. */
const when = async (holds: () => boolean, within = WITHIN): Promise<void> => {
  const end = performance.now() + within
  while (!holds() && performance.now() < end) await sleep(1)
}

const amidJournaling: UntilKilled = async ({ proxy, recorder, random }) => {
  const written = recorder.answered.redis + between(random, [1, 100])
  await proxy.restore()
  await when(() => recorder.answered.redis >= written)
  await proxy.refuse()
  const enough = recorder.life.journaled + between(random, [1, 250])
  await when(() => recorder.life.journaled >= enough)
}

const amidReplay: UntilKilled = async ({ proxy, recorder, random }) => {
  await proxy.refuse()
  const waiting = between(random, [60, 250])
  await when(() => recorder.life.journaled >= waiting)
  const enough = recorder.life.replayed + between(random, [1, Math.floor(waiting / 2)])
  await proxy.restore()
  await when(() => recorder.life.replayed >= enough)
}

const FAULTS: readonly ((proxy: FaultProxy) => unknown)[] = [
  (proxy) => proxy.cut(),
  (proxy) => proxy.blackhole(),
  (proxy) => proxy.restore({ ghosts: true }),
  (proxy) => proxy.refuse(),
  (proxy) => proxy.restore(),
  (proxy) => proxy.dropReplies(),
  (proxy) => proxy.cutBeforeForwarding(),
  (proxy) => proxy.latency(3, { jitter: 5 }),
  (proxy) => proxy.restore(),
]

const amidAnything: UntilKilled = async ({ proxy, random }) => {
  await proxy.restore()
  const end = performance.now() + between(random, [100, 1_500])
  while (performance.now() < end) {
    await FAULTS[between(random, [0, FAULTS.length - 1])]!(proxy)
    await sleep(Math.min(between(random, [20, 400]), Math.max(1, end - performance.now())))
  }
}

/** In turn. */
export const UNTIL_KILLED: readonly UntilKilled[] = [amidReplay, amidJournaling, amidAnything]
