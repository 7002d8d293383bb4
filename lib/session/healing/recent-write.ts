import { performance } from 'node:perf_hooks'
import type { ScriptReply } from '../../redis/run-script.js'
import type { ServerRun } from '../../redis/server-run.js'
import { parseLife } from '../life.js'
import type { Operation } from '../operation.js'
import type { SessionTarget } from '../session-target.interface.js'
import type { HealableContent, RecentWrite, SeqRange } from './recent-write.interface.js'

/** What a write takes beside its texts, in bytes. */
const OVERHEAD = 500
/** Of a character: what the caller gave is held in two forms. */
const BYTES = 2

/**
 * A write as it is kept; `undefined` for one that cannot be made again.
 *
 * @param reply as the scripts answer
 * @param place among the writes of this process; one that is made again keeps its own
 */
export const recentWrite = (
  target: SessionTarget,
  { id: operationId, healable, age }: Operation,
  server: ServerRun,
  [status, version, life, number, now]: ScriptReply,
  place: number,
): RecentWrite | undefined => {
  if (healable === undefined || (status !== 'STORED' && status !== 'DUPLICATE')) return undefined
  const { content, canonical, former } = healable
  const since = status === 'DUPLICATE' ? age().split(' ')[0]! : ''
  // A repetition of the application says nothing of when it was written; what is kept of it is kept since then.
  if (status === 'DUPLICATE' && former === undefined && since === '') return undefined
  const { created, expires } = parseLife(String(life))
  const hasTime = content.kind === 'append' || content.kind.startsWith('state.')
  return {
    content,
    canonical,
    former,
    target,
    operationId,
    server,
    storedAt: performance.now(),
    // Not later than it was: what has been written since is newer.
    writtenAt: former?.writtenAt ?? (hasTime ? Number(now) - Number(since) : 0),
    order: former?.order ?? place,
    version: String(version),
    began: hasTime && created === String(now),
    expires,
    seqs: seqsOf(content, Number(number)),
    bytes: OVERHEAD + BYTES * canonical.length,
  }
}

const seqsOf = (content: HealableContent, from: number): SeqRange | undefined =>
  content.kind === 'append' ? { from, to: from + content.messages.length - 1 } : undefined
