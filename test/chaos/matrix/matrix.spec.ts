import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { matrixFaults } from './matrix-faults.js'
import { matrixOperations } from './matrix-operations.js'
import { Matrix, MATRIX_SERVER_ARGS } from './matrix.js'
import { problemsOf } from './show-matrix.js'

const TIMEOUT_MS = 60_000

describeWithRedis(
  'the fault matrix',
  (redis) => {
    let matrix: Matrix
    beforeAll(async () => {
      matrix = await Matrix.open(redis)
    }, TIMEOUT_MS)
    afterAll(() => matrix.close(), TIMEOUT_MS)

    it('has at least 25 faults, each under a name of its own', () => {
      expect(new Set(matrixFaults.map(({ name }) => name)).size).toBe(matrixFaults.length)
      expect(matrixFaults.length).toBeGreaterThanOrEqual(25)
    })

    it.each(matrixFaults)(
      'every operation settles rightly: $name',
      async (fault) => {
        const row = await matrix.run(fault)
        expect(row.cells).toHaveLength(matrixOperations.length)
        expect(problemsOf([row])).toEqual([])
      },
      TIMEOUT_MS,
    )
  },
  { standalone: 'it breaks one server', backend: 'binary', args: MATRIX_SERVER_ARGS },
)
