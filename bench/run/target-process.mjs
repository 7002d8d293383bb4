// The process of one target: the limit, a peer, or this module as it is configured for some rows. It is told what to do by
// `targets.mjs`, and ends with the process that started it.
import { Task } from './task.mjs'
import { BURSTS, timeSlice } from './timing.mjs'
import { WrongAnswer } from './wrong-answer.mjs'

/** How long a warm-up takes before the calls of a burst are counted out, in ms. */
const WARM_UP = 150

const [, , modulePath, settings] = process.argv
const tasks = new Map()
let memory

const callsOfEach = (milliseconds, microseconds, callers) =>
  Math.max(1, Math.floor((milliseconds * 1_000) / (microseconds * callers)))

/** @returns how many calls each caller makes in a burst */
const warmUp = async (task, row, budget) => {
  const once = await timeSlice(task, row.callers, 0, 1)
  // The first calls are slower than those that follow.
  const warm = callsOfEach(WARM_UP / BURSTS, once.microseconds, row.callers)
  const { microseconds } = await timeSlice(task, row.callers, WARM_UP, Math.min(warm, 200))
  return callsOfEach(budget / BURSTS, microseconds, row.callers)
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
  async refresh(row) {
    await tasks.get(row.name).task.refresh()
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
      error: { message, short: String(error?.message ?? error), isWrong: error instanceof WrongAnswer },
    })
  }
}

process.on('message', (request) => void answer(request))
process.on('disconnect', () => process.exit())
// The one that started it ends it.
process.on('SIGINT', () => undefined)
