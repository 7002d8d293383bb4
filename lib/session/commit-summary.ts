import { MemoryError } from '../errors/memory.error.js'
import type { Version } from '../model/record.interface.js'
import type { Deadline } from '../redis/deadline.js'
import { commitSummaryScript } from '../redis/scripts/scripts.generated.js'
import { sealSummary } from '../serialization/summary-record.js'
import type { Operation } from './operation.js'
import { writeScript } from './script-write.js'
import type { SessionRecords } from './session-records.js'
import type { SessionStore } from './session-store.js'
import type { SummaryCommitResult } from './session-summary.interface.js'

/** A commit as it is sent. */
export interface SummaryToCommit {
  readonly encoded: string
  readonly coversSeq: number
  /** `0` for none. */
  readonly replaces: Version
  readonly basedOn: Version
  readonly tokens: number
}

/** @throws MemoryError */
export const commitSummary = async (
  store: SessionStore,
  { codec }: SessionRecords,
  { encoded, coversSeq, replaces, basedOn, tokens }: SummaryToCommit,
  named: Operation,
  deadline: Deadline,
): Promise<SummaryCommitResult> => {
  const payload = sealSummary(codec, encoded, coversSeq, tokens)
  const args = [replaces, coversSeq, basedOn, tokens, payload, store.options.session.maxBytes]
  const reply = await writeScript(store, commitSummaryScript, named, undefined, args, deadline)
  const [status, written, , trimmed, copy] = reply
  return {
    stored: 'redis' as const,
    version: String(written),
    duplicate: status === 'DUPLICATE',
    trimmed: Number(trimmed),
    outlives: await keepCopy(store, copy as string | null, named, deadline),
  }
}

/** The commit is done; that the copy could not be written must be known, but does not undo it. */
const keepCopy = async (
  store: SessionStore,
  copy: string | null,
  named: Operation,
  deadline: Deadline,
): Promise<boolean> => {
  if (copy === null) return true
  const { copies } = store.shared
  try {
    const stands = await store.keepSummary(copy, store.options.summary.ttl, '', named, deadline)
    copies.written()
    return stands
  } catch (error) {
    if (!(error instanceof MemoryError)) throw error
    copies.failed(error.code)
    return false
  }
}
