// The process of one target: the limit, a peer, or this module as it is configured for some rows. It is told what to do by
// `targets.mjs`, and ends with the process that started it.
import { Task } from './task.mjs'
import { BURSTS, timeSlice } from './timing.mjs'
import { LATE_CODES } from './too-late.mjs'
import { WrongAnswer } from './wrong-answer.mjs'

/** How long the first row of an operation is called before it is timed, in ms: its code is not compiled yet. Others as long as a slice. */
const FIRST_WARM_UP = 800

const [, , modulePath, settings] = process.argv
const tasks = new Map()
/** Operations that were called already. */
const warm = new Set()
let memory

const callsOfEach = (milliseconds, microseconds, callers) =>
  Math.max(1, Math.floor((milliseconds * 1_000) / (microseconds * callers)))

/** @returns how many calls each caller makes in a burst */
const warmUp = async (task, { operation, callers }, budget) => {
  const end = performance.now() + (warm.has(operation) ? budget : FIRST_WARM_UP)
  warm.add(operation)
  let each = 1
  do {
    const { microseconds } = await timeSlice(task, callers, budget, each)
    each = callsOfEach(budget / BURSTS, microseconds, callers)
  } while (performance.now() < end)
  return each
}

const METHODS = {
  async open() {
    const { open } = await import(modulePath)
    memory = await open(JSON.parse(settings))
    return memory.note
  },
  /** Fills the sessions of a row, and finds out how many calls a slice may have. */
  async prepare(row, budget) {
    const task = new Task(memory, row)
    await task.refresh()
    const each = await warmUp(task, row, budget)
    await task.check()
    tasks.set(row.name, { task, each })
  },
  /** Code and memory of a process that slept are cold: what is timed was called just before, on sessions that are now too long. */
  async ready(row, budget) {
    const { task, each } = tasks.get(row.name)
    await timeSlice(task, row.callers, budget / BURSTS, Math.ceil(each / BURSTS))
    // Before the sessions go: what was appended counts as much as what is timed.
    await task.check()
    await task.refresh()
  },
  async slice(row, budget) {
    const { task, each } = tasks.get(row.name)
    return timeSlice(task, row.callers, budget, each)
  },
  async check(row) {
    await tasks.get(row.name).task.check()
  },
  async close() {
    await memory?.close()
  },
}

const answer = async ({ id, method, args }) => {
  try {
    process.send({ id, result: await METHODS[method](...args) })
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.send({
      id,
      error: {
        message,
        short: String(error?.message ?? error),
        isWrong: error instanceof WrongAnswer,
        isLate: LATE_CODES.has(error?.code),
      },
    })
  }
}

process.on('message', (request) => void answer(request))
process.on('disconnect', () => process.exit())
// The one that started it ends it.
process.on('SIGINT', () => undefined)
