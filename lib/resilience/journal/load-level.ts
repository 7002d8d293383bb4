import { MemoryConfigError } from '../../errors/memory-config.error.js'
import type { LevelClass } from './level.interface.js'

/**
 * classic-level, an optional peer: only who configures a journal needs it.
 *
 * @throws MemoryConfigError when it is not installed, or has no binary for this platform
 */
export const loadLevel = async (): Promise<LevelClass> => {
  try {
    const { ClassicLevel } = await import('classic-level')
    return ClassicLevel
  } catch (cause) {
    throw new MemoryConfigError(
      {
        path: 'resilience.journal',
        given: 'a journal without the package that keeps it',
        allowed: 'a journal once `npm install classic-level` has been run; it cannot be loaded here',
      },
      { cause },
    )
  }
}
