import { hash } from 'node:crypto'
import type { AgentSession } from 'nestjs-agent-memory'
import { claimTurn } from '../../lib/session/claim/claim-turn.js'
import type { Claimed, ClaimOptions, HeldClaim } from '../../lib/session/claim/claim.interface.js'
import type { SessionRecords } from '../../lib/session/session-records.js'
import type { SessionStore } from '../../lib/session/session-store.js'

/** What a session is made of. */
interface Parts {
  readonly store: SessionStore
  readonly records: SessionRecords
}

const MINUTE = 60_000

/** Claims a turn of a session, as the decorator does: of the key `turn`, for the message `hello`, unless it is told otherwise. */
export const claim = <Answer = unknown>(
  session: AgentSession,
  options: Partial<ClaimOptions> = {},
): Promise<Claimed<Answer>> => {
  const { store, records } = session as unknown as Parts
  return claimTurn<Answer>(store, records, {
    key: 'turn',
    payload: 'hello',
    wait: 10_000,
    keepFor: 60 * MINUTE,
    ...options,
  })
}

/** The same, for a turn that is nobody's. @throws Error when it was answered */
export const claimed = async <Answer = unknown>(
  session: AgentSession,
  options: Partial<ClaimOptions> = {},
): Promise<HeldClaim<Answer>> => {
  const found = await claim<Answer>(session, options)
  if (found.state !== 'claimed') throw new Error('the turn was answered before')
  return found.claim
}

/** The key of the claim on a turn. */
export const claimKeyOf = (sessionKey: string, { key = 'turn', userId = '' } = {}): string =>
  `${sessionKey}:claim:${hash('sha256', `${userId}\n${key}`).slice(0, 32)}`

/** The answer that stands, when this one is written ahead. */
export const answered = async <Answer>(held: HeldClaim<Answer>, answer: Answer): Promise<Answer | undefined> =>
  (await held.answer(answer))?.answer
