import type { Faults } from '../real-redis/controls/faults.js'
import type { Planning } from '../real-redis/own-servers.js'
import type { Member } from './member.js'

/** Servers that belong together, wherever they run. */
export interface ServerSet {
  readonly backend: 'binary' | 'docker'
  /** What was done to all of them. */
  readonly faults: Faults
  /** Starts some: all of them, or none. Once only where they are no processes of ours. */
  readonly start: (ports: number, plan: Planning) => Promise<Member[]>
  /** Ends one; absent where that cannot be. */
  readonly end?: (member: Member) => Promise<void>
  /** Ends all. */
  readonly stop: () => Promise<void>
}
