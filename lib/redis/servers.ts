import type { ServerClock } from './server-clock.js'
import type { ServerFacts } from './server-check.js'
import type { ServerSession } from './server-session.js'

/** What the connection found out about its servers, by the name of the node: one, or those of a cluster. */
export class Servers {
  private readonly sessions = new Map<string, ServerSession>()
  private readonly clocks = new Map<string, ServerClock>()

  get(node: string): ServerSession | undefined {
    return this.sessions.get(node)
  }

  clock(node: string): ServerClock | undefined {
    return this.clocks.get(node)
  }

  /** A connection to it was made, again or for the first time. */
  met(node: string, session: ServerSession): void {
    this.sessions.set(node, continued(this.sessions.get(node), session))
    this.setClock(node, session.clock)
  }

  setClock(node: string, clock: ServerClock | undefined): void {
    if (clock === undefined) this.clocks.delete(node)
    else this.clocks.set(node, clock)
  }

  /** All others are no part of the cluster any more. */
  keepOnly(nodes: ReadonlySet<string>): void {
    for (const node of this.sessions.keys()) {
      if (nodes.has(node)) continue
      this.sessions.delete(node)
      this.clocks.delete(node)
    }
  }

  get facts(): readonly ServerFacts[] {
    return [...this.sessions.values()].flatMap(({ facts }) => facts ?? [])
  }
}

/** Evictions are counted from the first connection to a run of the server on: what it had evicted by then concerned others. */
const continued = (former: ServerSession | undefined, present: ServerSession): ServerSession =>
  former?.facts === undefined || present.facts === undefined || former.facts.runId !== present.facts.runId
    ? present
    : { ...present, facts: { ...present.facts, evictedKeys: former.facts.evictedKeys } }
