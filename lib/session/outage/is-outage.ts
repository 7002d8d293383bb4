import { MemoryError, type MemoryErrorCode } from '../../errors/memory.error.js'

/** Redis did not do it, for a reason that is none of the caller's. */
const OUTAGES: ReadonlySet<MemoryErrorCode> = new Set<MemoryErrorCode>(['UNAVAILABLE', 'TIMEOUT', 'SHUTDOWN'])

export const isOutage = (error: unknown): boolean =>
  error instanceof MemoryError && OUTAGES.has(error.code) && error.executed !== 'yes'
