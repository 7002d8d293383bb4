/** A write that is stored and waits for replicas. */
export interface StoredWrite {
  readonly key: string
  /** The run of the server that stored it. */
  readonly runId: string
}

/** The place of a write among those that wait. */
export class Place {
  /** How many replicas are known to have it. */
  replicas = 0

  constructor(
    readonly write: StoredWrite,
    readonly settle: (replicas: number) => void,
  ) {}
}

/** What is to be done next: ask for these writes, at once. */
export interface Round {
  readonly places: readonly Place[]
  /** The keys of their sessions, each once. */
  readonly keys: readonly string[]
}

/** Which runs of the server there are. */
export interface Runs {
  /** The one that writes go to now. */
  readonly present: string | undefined
  /** The one that can be asked for its replicas. */
  readonly asked: string
}

/**
 * Says which writes are asked for together. A round is for all that were stored before it began, and one is under way at a time:
 * those that come meanwhile wait for the next. A write settles as soon as enough replicas have it, and when it leaves.
 */
export class Rounds {
  private readonly waiting = new Set<Place>()
  private isUnderWay = false

  constructor(private readonly wanted: number) {}

  get isEmpty(): boolean {
    return this.waiting.size === 0
  }

  join(write: StoredWrite, settle: (replicas: number) => void): Place {
    const place = new Place(write, settle)
    this.waiting.add(place)
    return place
  }

  /** It waits no longer: what is known by now is its answer. */
  leave(place: Place): void {
    if (this.waiting.delete(place)) place.settle(place.replicas)
  }

  leaveAll(): void {
    for (const place of this.waiting) this.leave(place)
  }

  /**
   * Begins a round, if none is under way and there is somebody to ask for. What a run stored that is over cannot be confirmed
   * by another one: it settles. Where only the run that can be asked is another one than the present, `'elsewhere'`.
   */
  begin({ present, asked }: Runs): Round | 'elsewhere' | undefined {
    if (this.isUnderWay) return undefined
    for (const place of this.waiting) if (place.write.runId !== present) this.leave(place)
    if (this.isEmpty) return undefined
    if (present !== asked) return 'elsewhere'
    this.isUnderWay = true
    const places = [...this.waiting]
    return { places, keys: [...new Set(places.map(({ write }) => write.key))] }
  }

  /**
   * The round was answered, by so many replicas.
   *
   * @param isThere whether the server that was asked has the session: if not, it cannot say more
   */
  end({ places }: Round, replicas: number, isThere: (key: string) => boolean): void {
    this.isUnderWay = false
    for (const place of places) {
      const found = isThere(place.write.key)
      if (found && this.waiting.has(place)) place.replicas = Math.max(place.replicas, replicas)
      if (!found || place.replicas >= this.wanted) this.leave(place)
    }
  }

  /** The round was not answered. */
  fail(): void {
    this.isUnderWay = false
  }
}
