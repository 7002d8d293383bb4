import type { Redis } from 'ioredis'
import type { ServerControls } from '../real-redis/controls/server-controls.js'
import type { ServerPlan } from '../real-redis/server-plan.js'

/** One server of a set. */
export class Member {
  /** Why nobody asks it. */
  readonly away = new Set<'paused' | 'cut off'>()

  constructor(
    readonly plan: ServerPlan,
    readonly url: string,
    readonly admin: () => Promise<Redis>,
    /** Absent where the server is no process of ours. */
    readonly controls?: ServerControls,
  ) {}

  /** Whether it is not killed. Only of a process of ours that is known. */
  get up(): boolean {
    return this.controls === undefined || this.controls.process.id !== undefined
  }

  /** Whether it takes part. */
  get live(): boolean {
    return this.up && this.away.size === 0
  }

  /** As messages name it. */
  get name(): string {
    return `127.0.0.1:${this.plan.port}`
  }
}
