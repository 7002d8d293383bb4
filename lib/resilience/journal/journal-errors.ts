import { isError } from '../../errors/is-error.js'
import { MemoryConfigError } from '../../errors/memory-config.error.js'
import { MemoryCorruptError } from '../../errors/memory-corrupt.error.js'
import { MemoryFullError } from '../../errors/memory-full.error.js'
import { MemoryShutdownError } from '../../errors/memory-shutdown.error.js'
import type { Executed } from '../../errors/memory.error.js'

const DIRECTORY = 'resilience.journal.directory'

const NO_SPACE = /no space left|disk quota exceeded|file too large/i

/** Two journals in one directory would garble each other. */
export const directoryInUse = (who: string, cause?: unknown): MemoryConfigError =>
  new MemoryConfigError(
    { path: DIRECTORY, given: `a directory that ${who} has open`, allowed: 'a directory of its own for each process' },
    { cause },
  )

export const directoryUnusable = (cause: NodeJS.ErrnoException): MemoryConfigError =>
  new MemoryConfigError(
    {
      path: DIRECTORY,
      given: `a path that cannot be used (${cause.code ?? cause.name})`,
      allowed: 'a directory that this process may create and write',
    },
    { cause },
  )

/** Acknowledged writes may be missing: never to be taken for an empty journal. */
export const journalDamaged = (what: string, cause?: unknown): MemoryCorruptError =>
  new MemoryCorruptError(
    `The journal is damaged: ${what}. It may hold the only copy of acknowledged writes, so nothing of it was deleted: ` +
      `move ${DIRECTORY} away and keep it, then start again with an empty directory`,
    { path: DIRECTORY, cause },
  )

/** The cap is reached; nothing was written. */
export const journalFull = (maxBytes: number, operationId: string): MemoryFullError =>
  new MemoryFullError('JOURNAL_FULL', `The journal is at resilience.journal.maxBytes, ${maxBytes} bytes`, {
    operationId,
  })

/** The disk failed: `executed` is unknown for a write that was on its way, as what is left of it may be read later. */
export const diskFailed = (cause: unknown, executed: Executed): MemoryFullError => {
  const why = NO_SPACE.test(String(innermost(cause))) ? 'its disk has no room' : 'its disk failed'
  return new MemoryFullError('JOURNAL_FULL', `The journal cannot be written: ${why}`, { cause }, executed)
}

export const journalClosed = (): MemoryShutdownError => new MemoryShutdownError('The journal is not open')

/** What LevelDB said of an open that failed. */
export const openFailed = (error: unknown): Error => {
  const cause = innermost(error)
  const code = (cause as { code?: unknown } | undefined)?.code
  if (code === 'LEVEL_LOCKED') return directoryInUse('another process', cause)
  if (NO_SPACE.test(String(cause))) return diskFailed(cause, 'no')
  if (/permission denied|read-only file system/i.test(String(cause))) return directoryUnusable(cause as Error)
  return journalDamaged('it cannot be opened', cause)
}

/** abstract-level wraps what LevelDB said. */
const innermost = (error: unknown): unknown =>
  isError(error) && error.cause !== undefined ? innermost(error.cause) : error
