import { MemoryCorruptError } from '../errors/memory-corrupt.error.js'
import { MemoryInvalidError } from '../errors/memory-invalid.error.js'
import { MemoryError } from '../errors/memory.error.js'
import { SessionNotFoundError } from '../errors/session-not-found.error.js'
import { valueKind } from '../errors/value-kind.js'
import type { CorruptRecord } from '../model/record.interface.js'
import type { Summary } from '../model/summary.interface.js'
import { commitSummaryScript } from '../redis/scripts/scripts.generated.js'
import type { Deadline } from '../redis/deadline.js'
import { payloadsOf } from '../serialization/record-payload.js'
import { decodeSummary, parseCopy, sealSummary } from '../serialization/summary-record.js'
import type { TokenCounter } from '../model/token-counter.js'
import { observed, wrote } from './observed.decorator.js'
import type { Operation } from './operation.js'
import type { SessionRecords } from './session-records.js'
import type { SessionStore } from './session-store.js'
import type { SessionSummary, SummaryCommit, SummaryCommitResult } from './session-summary.interface.js'
import { readWindow, type WindowRead } from './session-window.js'
import { beginWrite, writeInOrder } from './write-in-order.js'
import { validateBytes } from './validation/validate-bytes.js'
import { VERSION, operationId, positiveInteger, validateOptions, version } from './validation/validate-call.js'

export class RedisSessionSummary implements SessionSummary {
  constructor(
    private readonly store: SessionStore,
    private readonly records: SessionRecords,
    private readonly tokens: TokenCounter,
  ) {}

  @observed('summary.get')
  async get(): Promise<Summary | null> {
    const deadline = this.store.deadline()
    const read = await readWindow(this.store, this.records, { summary: true }, deadline, 'fresh')
    const corrupt = read.window?.corrupt ?? []
    const summary = await standingSummary(this.store, this.records, read, corrupt, deadline)
    if (corrupt[0] !== undefined) {
      throw new MemoryCorruptError(`the summary cannot be read: ${corrupt[0].reason}`, {
        sessionId: this.store.target.id,
      })
    }
    return summary ?? null
  }

  @observed('summary.commit', wrote)
  async commit(commit: SummaryCommit): Promise<SummaryCommitResult> {
    validateCommit(commit)
    const { text, coversSeq, replaces, basedOn } = commit
    const { maxBytes, maxMessageBytes } = this.store.options.session
    const { codec } = this.records
    const encoded = codec.codec.encode(text)
    validateBytes(encoded, maxMessageBytes, 'summary.text')
    const canonical = `${coversSeq} ${replaces ?? '0'} ${basedOn} ${encoded}`
    const call = beginWrite(this.store, commit)
    const { deadline } = call
    return writeInOrder(this.store, this.records, call, { name: 'summary.commit' }, canonical, async (named) => {
      const tokens = this.tokens.count(text)
      const payload = sealSummary(codec, encoded, coversSeq, tokens)
      const args = [replaces ?? '0', coversSeq, basedOn, tokens, payload, maxBytes]
      const reply = await this.store.write(commitSummaryScript, named, undefined, args, deadline)
      const [status, written, , trimmed, copy] = reply
      return {
        stored: 'redis' as const,
        version: String(written),
        duplicate: status === 'DUPLICATE',
        trimmed: Number(trimmed),
        outlives: await this.keep(copy as string | null, named, deadline),
      }
    })
  }

  /** The commit is done; that the copy could not be written must be known, but does not undo it. */
  private async keep(copy: string | null, named: Operation, deadline: Deadline): Promise<boolean> {
    if (copy === null) return true
    const { copies } = this.store.shared
    try {
      const stands = await this.store.keepSummary(copy, this.store.options.summary.ttl, '', named, deadline)
      copies.written()
      return stands
    } catch (error) {
      if (!(error instanceof MemoryError)) throw error
      copies.failed(error.code)
      return false
    }
  }
}

/**
 * The summary of the session that was read; where there is none, the one that an earlier session of this id left.
 *
 * @throws SessionNotFoundError when that one is another user's
 */
export const standingSummary = async (
  store: SessionStore,
  records: SessionRecords,
  { window, outlived }: WindowRead<unknown>,
  corrupt: CorruptRecord[],
  deadline: Deadline,
): Promise<Summary | undefined> => {
  if (window !== undefined) return window.summary
  const copy = parseCopy(outlived ?? '')
  if (copy === undefined) return undefined
  const { id, userId } = store.target
  if (copy.userId !== undefined && userId !== undefined && copy.userId !== userId) {
    throw new SessionNotFoundError('there is no such session for this user', { sessionId: id })
  }
  await records.prepare(deadline, payloadsOf({ summary: copy.record }))
  const reader = records.reader()
  const summary = reader.read({ kind: 'summary' }, copy.record, () => decodeSummary(reader.codec, copy.record))
  corrupt.push(...reader.corrupt)
  return summary
}

const validateCommit = (commit: SummaryCommit): void => {
  validateOptions(commit ?? null, 'summary', {
    text: (value) => (typeof value === 'string' && value !== '' ? undefined : 'a text that is not empty'),
    coversSeq: positiveInteger,
    replaces: (value) => (value === null || version(value) === undefined ? undefined : `${VERSION}, or null for none`),
    basedOn: version,
    operationId,
  })
  for (const name of ['text', 'coversSeq', 'replaces', 'basedOn'] as const) {
    if (commit[name] === undefined) {
      throw new MemoryInvalidError({
        path: `summary.${name}`,
        given: valueKind(undefined),
        allowed: 'a value: it is required',
      })
    }
  }
}
