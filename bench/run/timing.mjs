import { Bench } from 'tinybench'

/** Bursts in a slice: their median is what the slice says. */
export const BURSTS = 3

const timed = async (work, options) => {
  const bench = new Bench({ warmup: false, throws: true, ...options })
  bench.add('slice', work, { async: true })
  const [{ result }] = await bench.run()
  return result
}

/**
 * Calls of one task, by so many callers, each of which calls again when it is answered. One caller is timed call by call;
 * many are timed by bursts in which each makes the same number of calls.
 *
 * @param {{ call(caller: number): Promise<void> }} task
 * @param {number} callers
 * @param {number} budget in ms
 * @param {number} each calls of each caller in a burst
 */
export const timeSlice = async (task, callers, budget, each) => {
  const cpu = process.cpuUsage()
  let calls = 0
  let latency
  if (callers === 1) {
    const work = async () => {
      calls += 1
      await task.call(0)
    }
    latency = (await timed(work, { time: budget, iterations: BURSTS })).latency
  } else {
    const caller = async (_, index) => {
      for (let call = 0; call < each; call += 1) await task.call(index)
    }
    const work = async () => {
      calls += callers * each
      await Promise.all(Array.from({ length: callers }, caller))
    }
    latency = (await timed(work, { time: 0, iterations: BURSTS })).latency
  }
  const { user, system } = process.cpuUsage(cpu)
  const perCall = latency.p50 / (callers === 1 ? 1 : callers * each)
  return { calls, microseconds: perCall * 1_000, clientCpu: (user + system) / calls }
}
