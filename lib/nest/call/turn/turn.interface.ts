import type { OpenedSession } from '../../../call/memory-call.js'
import type { MessageInput } from '../../../model/message.interface.js'
import type { TurnSession } from '../../../session/turn-session.interface.js'
import type { RememberTurnOptions } from '../call-options.interface.js'
import type { Delivery } from './delivery.js'
import type { Hold } from '../../../call/hold.js'

/** One turn that is to be kept. */
export interface Turn {
  readonly opened: OpenedSession
  /** The session that `@OneTurnAtATime` locks, which may be of another memory. */
  readonly locked: OpenedSession | undefined
  readonly session: TurnSession
  readonly options: RememberTurnOptions
  /** A copy of what the user said. */
  readonly user: MessageInput
  readonly delivery: Delivery
  readonly hold: Hold
}
