import { MemoryError } from '../errors/memory.error.js'
import type { Deadline } from '../redis/deadline.js'
import { NotAgain } from '../resilience/not-again.js'

/** What a write is told whose place was taken: one that was called later has been made. */
export class Overtaken extends NotAgain {}

/** Keeps a write elsewhere, in the order of the calls; see Place.keep. */
export type InOrder = <T>(keep: () => Promise<T>) => Promise<T>

/** The place of one write in the order of its session; left when the write has settled. */
export class Place {
  /** `idle` before its first attempt and between two. */
  state: 'idle' | 'asking' | 'sent' = 'idle'
  /** Whether a later write was made while this one waited to be repeated. */
  overtaken = false
  /** Whether a later write was made while this one was sent: then it was made before that, or is overtaken. */
  passed = false
  admit: (() => void) | undefined
  /** Whether it is kept elsewhere, and no longer in anyone's way who wants the same. */
  kept = false
  admitToKeep: (() => void) | undefined

  constructor(
    private readonly lane: Lane,
    readonly alone: boolean,
  ) {}

  /**
   * Makes an attempt when its turn has come; at once, where nothing is before it.
   *
   * @throws DeadlineExceeded when it did not come in time, and the attempt was not made
   * @throws Overtaken
   */
  async attempt<T>(write: () => Promise<T>, deadline: Deadline): Promise<T> {
    if (this.overtaken) throw new Overtaken()
    this.state = 'asking'
    if (!this.lane.admits(this)) {
      const admitted = new Promise<void>((resolve) => {
        this.admit = resolve
      })
      try {
        await deadline.race(admitted)
        if (this.overtaken) throw new Overtaken()
        deadline.check()
      } catch (error) {
        this.lane.returned(this)
        throw error
      }
    }
    try {
      const sent = write()
      // Those behind it may have waited for it to be sent.
      this.lane.goOn()
      const result = await sent
      this.lane.done(this)
      return result
    } catch (error) {
      if (this.passed && error instanceof MemoryError && error.executed === 'no') this.overtaken = true
      this.lane.returned(this)
      throw error
    }
  }

  /**
   * Keeps the write elsewhere when no attempt is made any more: once each that was called before it was made, has failed, or is
   * being kept, so that what is kept is in the order of the calls as well.
   *
   * @param keep decides its place before it awaits anything
   * @throws Overtaken when a later write was made: what is kept would come behind it
   */
  async keep<T>(keep: () => Promise<T>): Promise<T> {
    if (!this.lane.mayKeep(this)) {
      await new Promise<void>((resolve) => {
        this.admitToKeep = resolve
      })
    }
    if (this.overtaken) throw new Overtaken()
    const keeping = keep()
    this.kept = true
    this.lane.keepOn()
    return keeping
  }

  leave(): void {
    this.lane.remove(this)
  }
}

/** The writes of this process to one session that are under way. */
class Lane {
  /** In the order of their calls. */
  private readonly places = new Set<Place>()
  private sent = 0
  /** Whether a write was made since the lane began, or since one failed: until then they go one by one. */
  private open = false
  /** Whether the one that was sent last goes alone. */
  private alone = false

  constructor(private readonly emptied: () => void) {}

  add(alone: boolean): Place {
    const place = new Place(this, alone)
    this.places.add(place)
    return place
  }

  /** Lets a place that asks for it go ahead, if it may. */
  admits(place: Place): boolean {
    if (this.sent < this.places.size - 1) {
      // Somebody has not been sent: a later one must not pass an earlier one.
      for (const earlier of this.places) {
        if (earlier === place) break
        if (earlier.state !== 'sent') return false
      }
    }
    if (this.sent > 0 && (!this.open || this.alone || place.alone)) return false
    place.state = 'sent'
    this.sent++
    this.alone = place.alone
    return true
  }

  done(place: Place): void {
    this.open = true
    this.overtake(place)
    this.back(place)
  }

  mayKeep(place: Place): boolean {
    for (const earlier of this.places) {
      if (earlier === place) return true
      if (!earlier.kept) return false
    }
    return true
  }

  /** Lets the next one be kept that waits for it. */
  keepOn(): void {
    for (const place of this.places) {
      if (place.kept) continue
      place.admitToKeep?.()
      return
    }
  }

  returned(place: Place): void {
    if (place.state === 'sent') this.open = false
    this.back(place)
  }

  remove(place: Place): void {
    this.places.delete(place)
    if (this.places.size === 0) this.emptied()
    else {
      this.goOn()
      this.keepOn()
    }
  }

  private back(place: Place): void {
    if (place.state === 'sent') this.sent--
    place.state = 'idle'
    place.admit = undefined
    this.goOn()
  }

  /** Those that were called before it and failed can no longer be made in their order. */
  private overtake(place: Place): void {
    for (const earlier of this.places) {
      if (earlier === place) return
      if (earlier.state === 'sent') {
        earlier.passed = true
        continue
      }
      earlier.overtaken = true
      earlier.admit?.()
    }
  }

  goOn(): void {
    if (this.sent === this.places.size) return
    for (const place of this.places) {
      if (place.state === 'idle') return
      if (place.state === 'sent') continue
      if (!this.admits(place)) return
      place.admit?.()
    }
  }
}

/**
 * Keeps the writes of this process to one session in the order of their calls, also when they are not awaited, and when some
 * have to be repeated. One connection does that by itself, but for the write that creates a session, which takes several
 * round trips, and for what is sent again on another connection. So the first goes ahead alone, until one was made; then the
 * others follow together. When one fails, nothing more is sent until all that were sent are back; those that are repeated go
 * first, again one by one. One that fails while a later one is made is not repeated: it would come behind it. A write that
 * rests on what the one before answered goes alone in any case.
 */
export class WriteOrder {
  private readonly lanes = new Map<string, Lane>()

  /** @param alone no other write to the session begins before this one has settled */
  join(key: string, alone: boolean): Place {
    let lane = this.lanes.get(key)
    if (lane === undefined) {
      lane = new Lane(() => this.lanes.delete(key))
      this.lanes.set(key, lane)
    }
    return lane.add(alone)
  }
}
