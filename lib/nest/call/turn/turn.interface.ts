import type { OpenedSession } from '../../../call/memory-call.js'
import type { MessageInput } from '../../../model/message.interface.js'
import type { TurnSession } from '../../../session/turn-session.interface.js'
import type { RememberTurnOptions } from '../call-options.interface.js'
import type { Delivery } from './delivery.js'
import type { Hold } from '../../../call/hold.js'

/** One turn that is to be kept. */
export interface Turn {
  readonly opened: OpenedSession
  readonly session: TurnSession
  readonly options: RememberTurnOptions
  readonly user: MessageInput
  readonly delivery: Delivery
  readonly hold: Hold
}
