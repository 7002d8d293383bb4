import type { Problem } from '../../errors/problem.js'
import { givenOption } from '../given.js'
import { isOptionsObject } from '../is-options-object.js'
import { nameProblems } from '../name-problems.js'
import { COMPRESSION_NAMES, SERIALIZATION_NAMES } from '../option-names.js'
import { CompressionOptionsSchema } from '../schemas/compression-options.schema.js'
import { valueProblems } from '../value-problems.js'
import { encryptionProblems } from './encryption-problems.js'
import { typeProblems } from './type-problems.js'

const SECTION = 'serialization'

const compressionProblems = (compression: unknown): Problem[] => {
  if (compression === undefined || typeof compression === 'boolean') return []
  const path = `${SECTION}.compression`
  if (!isOptionsObject(compression)) {
    return [{ path, given: givenOption(compression), allowed: 'true, false or an object of minBytes' }]
  }
  return [
    ...nameProblems(path, compression, COMPRESSION_NAMES),
    ...valueProblems(path, compression, COMPRESSION_NAMES.known, CompressionOptionsSchema),
  ]
}

/** What is wrong with `serialization`. */
export function serializationProblems(serialization: unknown): Problem[] {
  if (serialization === undefined) return []
  if (!isOptionsObject(serialization)) {
    const allowed = `an object of ${SERIALIZATION_NAMES.known.join(', ')}`
    return [{ path: SECTION, given: givenOption(serialization), allowed }]
  }
  return [
    ...nameProblems(SECTION, serialization, SERIALIZATION_NAMES),
    ...typeProblems(serialization.types),
    ...compressionProblems(serialization.compression),
    ...encryptionProblems(serialization.encryption),
  ]
}
