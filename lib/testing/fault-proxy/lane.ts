import type { Socket } from 'node:net'
import type { Conditions } from './conditions.js'
import type { FaultCounts } from './injected-faults.interface.js'
import { resetSocket } from './reset-socket.js'

/** How much is kept before its sender is made to wait. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024

interface Queued {
  bytes: Buffer
  /** When it may go at the earliest; those behind it wait for it. */
  due: number
  /** Whether it was counted as what ran into a black hole. */
  held: boolean
}

/** One direction of one connection: what comes in goes out in the same order, when the conditions let it. */
export class Lane {
  readonly #queue: Queued[] = []
  #queuedBytes = 0
  #nextWrite = 0
  /** Behind what is queued, the end of the stream, or its breakdown. */
  #ending: 'end' | 'reset' | undefined
  #ended = false
  #wait: (() => void) | undefined

  constructor(
    private readonly conditions: Conditions,
    private readonly faults: FaultCounts,
    private readonly source: Socket,
    private readonly target: Socket,
  ) {}

  push(bytes: Buffer, extraDelayMs = 0): void {
    const delay = this.conditions.delay() + extraDelayMs
    if (delay > 0) this.faults.delayed += 1
    const queued = { bytes, due: delay > 0 ? performance.now() + delay : 0, held: false }
    this.#queue.push(queued)
    this.#queuedBytes += bytes.length
    if (this.conditions.held) this.#hold(queued)
    this.#advance()
    if (this.#queuedBytes > MAX_QUEUED_BYTES) this.source.pause()
  }

  /** Ends the stream behind what is queued. */
  finish(ending: 'end' | 'reset'): void {
    this.#ending ??= ending
    this.#advance()
  }

  /** Sends at once what was late under conditions that are no more. */
  hurry(): void {
    for (const queued of this.#queue) queued.due = 0
    this.#nextWrite = 0
    this.#wait?.()
    this.#advance()
  }

  #hold(queued: Queued): void {
    if (!queued.held) this.faults.blackholed += 1
    queued.held = true
  }

  #advance(): void {
    while (this.#wait === undefined && !this.target.destroyed) {
      const next = this.#queue[0]
      if (this.conditions.held) {
        if (next !== undefined) this.#hold(next)
        return
      }
      if (next === undefined) {
        this.#end()
        return
      }
      const early = Math.max(next.due, this.#nextWrite) - performance.now()
      if (early > 0) this.#waitFor(early)
      else this.#write(next)
    }
  }

  #write(next: Queued): void {
    const { bytesPerSecond, sliceBytes, pieceBytes } = this.conditions
    const piece = next.bytes.subarray(0, pieceBytes)
    next.bytes = next.bytes.subarray(piece.length)
    if (next.bytes.length === 0) this.#queue.shift()
    this.#queuedBytes -= piece.length
    if (bytesPerSecond !== Infinity) {
      this.faults.throttled += 1
      this.#nextWrite = performance.now() + (piece.length / bytesPerSecond) * 1_000
    }
    if (!this.target.write(piece)) this.#waitForDrain()
    else if (sliceBytes !== Infinity) {
      this.faults.slices += 1
      this.#waitForOthers()
    }
    if (this.#queuedBytes < MAX_QUEUED_BYTES / 2 && this.source.isPaused()) this.source.resume()
  }

  #end(): void {
    if (this.#ended || this.#ending === undefined) return
    this.#ended = true
    if (this.#ending === 'end') this.target.end()
    // A reset takes along what is not sent yet, so it has to wait for that.
    else this.target.write('', () => resetSocket(this.target))
  }

  #resume(): void {
    this.#wait = undefined
    this.#advance()
  }

  #waitFor(ms: number): void {
    const timer = setTimeout(() => this.#resume(), ms).unref()
    this.#wait = () => {
      clearTimeout(timer)
      this.#wait = undefined
    }
  }

  /** So that the receiver gets a chance to read the slice before the next one is there. */
  #waitForOthers(): void {
    const immediate = setImmediate(() => this.#resume())
    this.#wait = () => {
      clearImmediate(immediate)
      this.#wait = undefined
    }
  }

  #waitForDrain(): void {
    // Not to be cut short: the receiver is the one who is slow.
    this.#wait = () => undefined
    this.target.once('drain', () => this.#resume())
  }
}
