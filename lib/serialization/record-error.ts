import { MemorySerializationError } from '../errors/memory-serialization.error.js'
import { formatProblem } from '../errors/problem.js'
import { EncodeError, formatPath, type PathStep } from './codec.errors.js'

/**
 * Runs an encoding, and tells a value it refuses by its path in what the caller gave.
 *
 * @param pathOf makes the path out of the steps into the encoded value
 */
export const withPath = <T>(encode: () => T, pathOf: (steps: readonly PathStep[]) => string): T => {
  try {
    return encode()
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error
    const path = pathOf(error.steps)
    throw new MemorySerializationError(formatProblem({ path, given: error.given, allowed: error.allowed }), { path })
  }
}

/** For a value that is at `root` itself. */
export const below =
  (root: string) =>
  (steps: readonly PathStep[]): string =>
    formatPath(root, steps)
