import type { ResolvedMemoryOptions } from '../../options/resolved-options.interface.js'
import { Deadline } from '../../redis/deadline.js'
import { probeKey } from '../../redis/keys.js'
import type { Journal } from '../../resilience/journal/journal.js'
import type { Resilience } from '../../resilience/resilience.js'
import type { MemoryDown, MemoryHealthFacts, MemoryUp } from './agent-memory-health.interface.js'
import { ofCluster } from './cluster-health.js'
import type { ResolvedHealthOptions } from './health-options.js'
import { NodeProbe } from './node-probe.js'
import { probeKeys } from './probe-keys.js'
import { verdict } from './verdict.js'

/** The name of a server that is no node of a cluster. */
const ONLY = ''

/** Looks at the memory, on the connection and through the breakers that calls take. There is one for all who ask. */
export class MemoryProbe {
  /** By the name of the node: one server, or the masters of a cluster. */
  private nodes = new Map<string, NodeProbe>()

  constructor(
    private readonly resilience: Resilience,
    private readonly options: ResolvedMemoryOptions,
    private readonly journal: Journal | undefined,
  ) {
    resilience.onClosing(() => {
      for (const node of this.nodes.values()) node.forget()
    })
  }

  /**
   * What this process knows by itself is as of now, also when what Redis said comes from the cache.
   *
   * @param withServer whether the servers are asked how they are, beside the write and the read
   */
  async look({ timeout, cacheFor }: ResolvedHealthOptions, withServer: boolean): Promise<MemoryUp | MemoryDown> {
    const { deadline: most, journal } = this.options.resilience
    const within = new Deadline(Math.min(timeout ?? most, most))
    const probes = this.probes()
    const found = await Promise.all([...probes.values()].map((node) => node.look(within, cacheFor, withServer)))
    const maxBytes = journal?.maxBytes
    if (!probes.has(ONLY)) {
      const { trip, cluster } = ofCluster(found, withServer)
      return verdict({ trip, facts: { ...this.facts(), cluster }, maxBytes })
    }
    const [{ trip, server }] = found as [(typeof found)[0]]
    return verdict({ trip, facts: { ...this.facts(), ...(server !== undefined && { server }) }, maxBytes })
  }

  /** Those that are there now; what was seen of one is kept for as long as it is there. */
  private probes(): ReadonlyMap<string, NodeProbe> {
    const { topology } = this.resilience.connection
    const { namespace } = this.options
    const nodes = topology.nodes()
    const keys =
      nodes.size === 0
        ? // Of a cluster that is not reached yet, too.
          [[ONLY, probeKey(namespace)] as const]
        : probeKeys(namespace, nodes, (key) => topology.nodeOf(key))
    const probes = new Map<string, NodeProbe>()
    for (const [node, key] of keys) {
      const known = this.nodes.get(node)
      probes.set(node, known?.key === key ? known : new NodeProbe(this.resilience, key))
    }
    this.nodes = probes
    return probes
  }

  private facts(): MemoryHealthFacts {
    const { status, lastFailure: lastError } = this.resilience
    return {
      breaker: status.breaker,
      ...(this.journal?.isOpen === true && { journal: this.journal.status() }),
      ...(lastError !== undefined && { lastError }),
    }
  }
}
