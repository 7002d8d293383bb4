import { shuffle } from '../statistics.mjs'
import { WrongAnswer } from './wrong-answer.mjs'

/**
 * Measures rows in rounds, each time in another order, so that a slow moment of the machine meets all alike.
 *
 * @param {readonly object[]} rows
 * @param {object} terms
 * @param {(row: object) => object} terms.driverOf what prepares, measures and checks a row
 * @param {number} terms.rounds
 * @param {number} terms.budget of a slice, in ms
 * @param {AbortSignal} terms.signal
 * @param {object} terms.progress
 * @returns {Promise<Map<string, { row: object, slices: object[], failed?: { reason: string, isWrong: boolean, isLate: boolean } }>>}
 */
export const measureRounds = async (rows, { driverOf, rounds, budget, signal, progress }) => {
  const results = new Map(rows.map((row) => [row.name, { row, slices: [] }]))
  const attempt = async (row, work) => {
    const result = results.get(row.name)
    if (result.failed !== undefined || signal.aborted) return
    try {
      await work(result)
    } catch (error) {
      const { short: reason = error.message, isLate = false } = error
      result.failed = { reason, isWrong: error.isWrong === true || error instanceof WrongAnswer, isLate }
      progress.failed(row, result.failed)
    }
  }

  progress.begin('processes start', rows.length)
  await Promise.all(rows.map((row) => attempt(row, () => driverOf(row).open())))
  progress.begin('sessions are filled', rows.length)
  for (const row of rows) {
    await attempt(row, () => driverOf(row).prepare(row, budget))
    progress.step(row)
  }
  for (let round = 1; round <= rounds && !signal.aborted; round += 1) {
    progress.begin(`round ${round} of ${rounds}`, rows.length)
    for (const row of shuffle(rows)) {
      await attempt(row, async ({ slices }) => {
        const driver = driverOf(row)
        await driver.refresh?.(row)
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
