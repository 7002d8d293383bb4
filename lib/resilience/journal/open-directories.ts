import { directoryInUse } from './journal-errors.js'

const OPEN = Symbol.for('nestjs-agent-memory.open-journals')

/**
 * The directories that this process has open, by their real path.
 *
 * LevelDB locks with fcntl, and such a lock belongs to the process: it lets the same process in again under another spelling
 * of the path, and refuses it under the same one by closing the lock file, which gives the lock up, so that the next
 * process gets in as well. So the process itself has to know, before LevelDB is asked; and all copies of this package in
 * it have to know the same.
 */
const openDirectories = (): Set<string> => {
  const holder = globalThis as { [OPEN]?: Set<string> }
  return (holder[OPEN] ??= new Set())
}

/** @throws MemoryConfigError when this process has it open already */
export const claimDirectory = (realPath: string): void => {
  const open = openDirectories()
  if (open.has(realPath)) throw directoryInUse('this process')
  open.add(realPath)
}

export const releaseDirectory = (realPath: string): void => {
  openDirectories().delete(realPath)
}
