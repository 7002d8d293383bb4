// The fault matrix: node --import ./test/support/typescript-loader.mjs test/chaos/matrix/main.ts [part of a fault's name]
// Exits with 1 when any cell is not as promised.
import { RealRedis } from 'nestjs-agent-memory/testing'
import { conclude } from '../conclude.js'
import { matrixFaults } from './matrix-faults.js'
import { Matrix, MATRIX_SERVER_ARGS, type MatrixRow } from './matrix.js'
import { problemsOf, showMatrix } from './show-matrix.js'

const [part = ''] = process.argv.slice(2)
const redis = await RealRedis.start({ backend: 'binary', args: MATRIX_SERVER_ARGS })
const rows: MatrixRow[] = []
try {
  const matrix = await Matrix.open(redis)
  for (const fault of matrixFaults.filter(({ name }) => name.includes(part))) rows.push(await matrix.run(fault))
  await matrix.close()
} finally {
  await redis.stop()
}
console.log(showMatrix(rows))
conclude(problemsOf(rows))
