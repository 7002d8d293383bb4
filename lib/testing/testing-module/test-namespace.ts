import { randomUUID } from 'node:crypto'

/**
 * The namespace given, or a new one. Without a dot, because what follows a dot names a further memory, and without
 * anything that is written differently in a key.
 */
export const resolveTestNamespace = (given: string | undefined): string => {
  if (given === undefined) return `test-${randomUUID()}`
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(given))
    throw new Error('createMemoryTestingModule: namespace must be 1 to 64 characters of [A-Za-z0-9_-]')
  return given
}
