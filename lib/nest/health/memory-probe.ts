import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { MemoryCorruptError } from '../../errors/memory-corrupt.error.js'
import { MemoryTimeoutError } from '../../errors/memory-timeout.error.js'
import { MemoryError } from '../../errors/memory.error.js'
import type { ResolvedMemoryOptions } from '../../options/resolved-options.interface.js'
import { infoOf } from '../../redis/cluster-nodes.js'
import { Deadline } from '../../redis/deadline.js'
import { probeKey } from '../../redis/keys.js'
import { runScript } from '../../redis/run-script.js'
import { probeScript } from '../../redis/scripts/scripts.generated.js'
import { LOAD_SECTIONS, readServerLoad } from '../../redis/server-load.js'
import type { Journal } from '../../resilience/journal/journal.js'
import type { Resilience } from '../../resilience/resilience.js'
import { wasAnswered } from '../../resilience/was-answered.js'
import type { MemoryDown, MemoryHealthFacts, MemoryServerHealth, MemoryUp } from './agent-memory-health.interface.js'
import type { ResolvedHealthOptions } from './health-options.js'
import { ServerWatch } from './server-watch.js'
import { SharedCheck } from './shared-check.js'
import { verdict, type RoundTrip } from './verdict.js'

/** How long the mark of a check stands, in ms. */
const MARK_TTL = 10_000

/** Looks at the memory, on the connection and through the breaker that calls take. There is one for all who ask. */
export class MemoryProbe {
  private readonly trips = new SharedCheck(() => this.makeRoundTrip())
  private readonly servers = new SharedCheck(() => this.askServer())
  private readonly watch = new ServerWatch()
  private readonly key: string

  constructor(
    private readonly resilience: Resilience,
    private readonly options: ResolvedMemoryOptions,
    private readonly journal: Journal | undefined,
  ) {
    this.key = probeKey(options.namespace)
    resilience.onClosing(() => {
      this.trips.forget()
      this.servers.forget()
    })
  }

  /**
   * What this process knows by itself is as of now, also when what Redis said comes from the cache.
   *
   * @param withServer whether the server is asked how it is, beside the write and the read
   */
  async look({ timeout, cacheFor }: ResolvedHealthOptions, withServer: boolean): Promise<MemoryUp | MemoryDown> {
    const most = this.options.resilience.deadline
    const within = new Deadline(Math.min(timeout ?? most, most))
    const trip = await within
      .race(this.trips.get(cacheFor))
      .catch((): RoundTrip => ({ error: new MemoryTimeoutError(`no answer within ${within.ms} ms`, 'unknown') }))
    const server =
      withServer && hasServer(trip) ? await within.race(this.servers.get(cacheFor)).catch(() => undefined) : undefined
    return verdict({ trip, facts: this.facts(server), maxBytes: this.options.resilience.journal?.maxBytes })
  }

  private facts(server: MemoryServerHealth | undefined): MemoryHealthFacts {
    const { status, lastFailure: lastError } = this.resilience
    return {
      breaker: status.breaker,
      ...(this.journal?.isOpen === true && { journal: this.journal.status() }),
      ...(lastError !== undefined && { lastError }),
      ...(server !== undefined && { server }),
    }
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
        this.resilience.deadline(),
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
    const first = connection.factsOf(this.key)
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
