import { performance } from 'node:perf_hooks'

/** How long a replica that failed is left alone, in ms. */
export const REST = 1_000
/** After how long it is forgotten, in ms: it may have left for good. */
const FORGOTTEN_AFTER = 60_000

interface ChoiceTerms {
  /** In ms, never going back. @default performance.now() */
  readonly clock?: () => number
  /** From 0, below 1. @default Math.random() */
  readonly random?: () => number
}

/** Says which of several replicas is asked: any of them, as often as the others, but not one that failed a moment ago. */
export class ReplicaChoice {
  /** By name: until when. */
  private readonly resting = new Map<string, number>()
  private readonly clock: () => number
  private readonly random: () => number

  constructor({ clock = () => performance.now(), random = Math.random }: ChoiceTerms = {}) {
    this.clock = clock
    this.random = random
  }

  /** One that may be asked now; to be followed by `answered` or `failed`. */
  choose<Replica extends { readonly name: string }>(replicas: readonly Replica[]): Replica | undefined {
    const now = this.clock()
    const awake = replicas.filter(({ name }) => (this.resting.get(name) ?? now) <= now)
    const chosen = awake[Math.floor(this.random() * awake.length)]
    // One read tries it, and the others do not wait for what becomes of that.
    if (chosen !== undefined && this.resting.has(chosen.name)) this.resting.set(chosen.name, now + REST)
    return chosen
  }

  answered(name: string): void {
    this.resting.delete(name)
  }

  failed(name: string): void {
    const now = this.clock()
    for (const [other, until] of this.resting) if (until + FORGOTTEN_AFTER < now) this.resting.delete(other)
    this.resting.set(name, now + REST)
  }
}
