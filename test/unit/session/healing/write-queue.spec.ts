import { expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import type { RecentWrite } from '../../../../lib/session/healing/recent-write.interface.js'
import { WriteQueue } from '../../../../lib/session/healing/write-queue.js'

/** It looks at nothing of a write. */
const write = (operationId: string): RecentWrite => ({ operationId }) as RecentWrite

it('holds what a Set holds, in the same order, whoever leaves it', () => {
  // The n-th of those that are there, the first one most of the time; or one more comes.
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constant('add' as const) },
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.nat(500) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600, size: 'max' }), (steps) => {
      const queue = new WriteQueue()
      const model = new Set<RecentWrite>()
      const answers: [unknown, unknown][] = []
      for (const [index, each] of steps.entries()) {
        if (each === 'add') {
          const added = write(`${index}`)
          queue.add(added)
          model.add(added)
        } else {
          const left = [...model][each] ?? write('of another queue')
          answers.push([queue.remove(left), model.delete(left)])
        }
        answers.push([queue.size, model.size], [queue.first?.operationId, [...model][0]?.operationId])
      }
      expect(answers.filter(([given, right]) => given !== right)).toEqual([])
      expect([...queue]).toEqual([...model])
    }),
    { numRuns: 50 },
  )
})
