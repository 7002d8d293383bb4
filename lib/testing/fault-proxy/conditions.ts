/** How many pieces a second a limited bandwidth is cut into. */
const PIECES_PER_SECOND = 20

/** How the network behind a proxy is at the moment; all its connections share one. */
export class Conditions {
  /** A black hole: nothing gets through, nothing is lost. */
  held = false
  latencyMs = 0
  jitterMs = 0
  sliceBytes = Infinity
  bytesPerSecond = Infinity
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  /** How late the next chunk is to be. */
  delay(): number {
    return this.latencyMs === 0 && this.jitterMs === 0 ? 0 : this.latencyMs + this.#random() * this.jitterMs
  }

  /** How many bytes are written at once. */
  get pieceBytes(): number {
    return Math.max(1, Math.min(this.sliceBytes, Math.ceil(this.bytesPerSecond / PIECES_PER_SECOND)))
  }

  clear(): void {
    this.held = false
    this.latencyMs = 0
    this.jitterMs = 0
    this.sliceBytes = Infinity
    this.bytesPerSecond = Infinity
  }
}
