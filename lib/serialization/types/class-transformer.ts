import { createRequire } from 'node:module'
import { isError } from '../../errors/is-error.js'
import { MemoryConfigError } from '../../errors/memory-config.error.js'

/** What is used of class-transformer, an optional peer: its own types would make it a necessary one. */
export interface ClassTransformer {
  instanceToPlain(value: object): unknown
  plainToInstance(type: new () => object, data: unknown): unknown
}

const isMissing = (error: unknown): boolean => isError(error) && 'code' in error && error.code === 'MODULE_NOT_FOUND'

/**
 * Loads the package when the first class asks for it.
 *
 * @throws MemoryConfigError where it is not installed
 */
export const loadClassTransformer = (
  path: string,
  load: (name: string) => unknown = createRequire(import.meta.url),
): ClassTransformer => {
  try {
    return load('class-transformer') as ClassTransformer
  } catch (error) {
    if (!isMissing(error)) throw error
    const given = "'class-transformer', a package that is not installed,"
    throw new MemoryConfigError({ path, given, allowed: 'it after `npm install class-transformer`' }, { cause: error })
  }
}
