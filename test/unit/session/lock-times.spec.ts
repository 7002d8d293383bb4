import { expect, it } from '@jest/globals'
import { PAUSE_FOR_OTHERS, pollAfter } from '../../../lib/session/lock/lock-times.js'

it('lets others go ahead for longer than the slowest of them takes to ask, with what its timer and its request are late by', () => {
  const slowest = Math.max(...Array.from({ length: 10_000 }, () => pollAfter(0)))
  expect(slowest).toBeGreaterThan(140)
  expect(PAUSE_FOR_OTHERS - slowest).toBeGreaterThanOrEqual(50)
})
