import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { MemoryCorruptError } from '../../errors/memory-corrupt.error.js'
import { MemoryTimeoutError } from '../../errors/memory-timeout.error.js'
import { MemoryError } from '../../errors/memory.error.js'
import { infoOf } from '../../redis/cluster-nodes.js'
import { Deadline } from '../../redis/deadline.js'
import { runScript } from '../../redis/run-script.js'
import { probeScript } from '../../redis/scripts/scripts.generated.js'
import { LOAD_SECTIONS, readServerLoad } from '../../redis/server-load.js'
import type { Resilience } from '../../resilience/resilience.js'
import { wasAnswered } from '../../resilience/was-answered.js'
import type { MemoryServerHealth } from './agent-memory-health.interface.js'
import { ServerWatch } from './server-watch.js'
import { SharedCheck } from './shared-check.js'
import type { RoundTrip } from './verdict.js'

/** How long the mark of a check stands, in ms. */
const MARK_TTL = 10_000
/** The part of a call's time that a check takes: it says what is the matter before nobody waits for it any more. */
const TIME_OF_CHECK = 0.9

/** What was found of one server. */
export interface Found {
  readonly trip: RoundTrip
  readonly server: MemoryServerHealth | undefined
}

/** Looks at one server, or at one master of a cluster. */
export class NodeProbe {
  private readonly trips = new SharedCheck(() => this.makeRoundTrip())
  private readonly servers = new SharedCheck(() => this.askServer())
  private readonly watch = new ServerWatch()

  /** @param key of the mark; one of its slots */
  constructor(
    private readonly resilience: Resilience,
    readonly key: string,
  ) {}

  /** What was found is no longer so. */
  forget(): void {
    this.trips.forget()
    this.servers.forget()
  }

  /** @param withServer whether it is asked how it is, beside the write and the read */
  async look(within: Deadline, cacheFor: number, withServer: boolean): Promise<Found> {
    const trip = await within
      .race(this.trips.get(cacheFor))
      .catch((): RoundTrip => ({ error: new MemoryTimeoutError(`no answer within ${within.ms} ms`, 'unknown') }))
    const server =
      withServer && hasServer(trip) ? await within.race(this.servers.get(cacheFor)).catch(() => undefined) : undefined
    return { trip, server }
  }

  private async makeRoundTrip(): Promise<RoundTrip> {
    const start = performance.now()
    const mark = randomUUID()
    try {
      const found = await runScript<string>(
        this.resilience,
        probeScript,
        [this.key],
        () => [mark, MARK_TTL],
        { kind: 'write' },
        new Deadline(this.resilience.deadline().ms * TIME_OF_CHECK),
      )
      if (found !== mark) throw new MemoryCorruptError('what was read is not what was written')
      return { ms: performance.now() - start }
    } catch (error) {
      return { error }
    }
  }

  /** A server that denies INFO, as it said when the connection was made, is not asked. */
  private async askServer(): Promise<MemoryServerHealth | undefined> {
    const { connection } = this.resilience
    const first = connection.topology.factsOf(this.key)
    if (first === undefined) return undefined
    try {
      // Past the breaker: what comes of it says nothing of what calls may expect.
      const info = await connection.run((client) => infoOf(client, this.key, ...LOAD_SECTIONS), { kind: 'read' })
      return this.watch.look(readServerLoad(info), first)
    } catch {
      return undefined
    }
  }
}

/** Whether it answered, if only with a refusal. */
const hasServer = (trip: RoundTrip): boolean =>
  'ms' in trip || (trip.error instanceof MemoryError && wasAnswered(trip.error.cause))
