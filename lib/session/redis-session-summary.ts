import { MemoryCorruptError } from '../errors/memory-corrupt.error.js'
import { MemoryInvalidError } from '../errors/memory-invalid.error.js'
import { SessionNotFoundError } from '../errors/session-not-found.error.js'
import { valueKind } from '../errors/value-kind.js'
import type { CorruptRecord } from '../model/record.interface.js'
import type { Summary } from '../model/summary.interface.js'
import type { Deadline } from '../redis/deadline.js'
import { payloadsOf } from '../serialization/record-payload.js'
import { decodeSummary, parseCopy } from '../serialization/summary-record.js'
import type { TokenCounter } from '../model/token-counter.js'
import { commitSummary } from './commit-summary.js'
import { observed, wrote } from './observed.decorator.js'
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
    const { maxMessageBytes } = this.store.options.session
    const encoded = this.records.codec.codec.encode(text)
    validateBytes(encoded, maxMessageBytes, 'summary.text')
    const canonical = `${coversSeq} ${replaces ?? '0'} ${basedOn} ${encoded}`
    const summary = { encoded, coversSeq, replaces: replaces ?? '0', basedOn, tokens: this.tokens.count(text) }
    const call = beginWrite(this.store, commit)
    const kind = { name: 'summary.commit', content: { kind: 'summary.commit', summary } } as const
    return writeInOrder(this.store, this.records, call, kind, canonical, (named) =>
      commitSummary(this.store, this.records, summary, named, call.deadline),
    )
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
