import { shuffle } from '../statistics.mjs'
import { failureOf } from './failure.mjs'

/**
 * Measures rows in rounds, each time in another order, so that a slow moment of the machine meets all alike.
 *
 * @param {readonly object[]} rows
 * @param {object} terms
 * @param {(row: object) => object} terms.driverOf what prepares, measures and checks a row
 * @param {number} terms.rounds
 * @param {number} terms.budget of a slice, in ms
 * @param {number} terms.within ms after which nothing more is begun, however many rounds there were
 * @param {AbortSignal} terms.signal
 * @param {object} terms.progress
 * @returns {Promise<Map<string, { row: object, slices: object[], failed?: { reason: string, isWrong: boolean, isLate: boolean } }>>}
 */
export const measureRounds = async (rows, { driverOf, rounds, budget, within, signal, progress }) => {
  const end = performance.now() + within
  const isOver = () => signal.aborted || performance.now() > end
  const results = new Map(rows.map((row) => [row.name, { row, slices: [] }]))
  const attempt = async (row, work) => {
    const result = results.get(row.name)
    if (result.failed !== undefined || isOver()) return
    try {
      await work(result)
    } catch (error) {
      result.failed = failureOf(error)
      progress.failed(row, result.failed)
    }
  }

  progress.begin('processes start', rows.length)
  await Promise.all(rows.map((row) => attempt(row, () => driverOf(row).open())))
  progress.begin('sessions are filled', rows.length)
  const prepared = new Set()
  for (const row of rows) {
    await attempt(row, async () => {
      await driverOf(row).prepare(row, budget)
      prepared.add(row)
    })
    progress.step(row)
  }
  const ready = rows.filter((row) => prepared.has(row))
  for (let round = 1; round <= rounds && !isOver(); round += 1) {
    progress.begin(`round ${round} of ${rounds}`, ready.length)
    for (const row of shuffle(ready)) {
      await attempt(row, async ({ slices }) => {
        const driver = driverOf(row)
        await driver.ready(row, budget)
        const slice = await driver.slice(row, budget)
        await driver.check(row)
        slices.push({ round, ...slice })
      })
      progress.step(row)
    }
  }
  progress.end()
  return results
}
