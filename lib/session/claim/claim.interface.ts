/** Durations in ms. */
export interface ClaimOptions {
  /** The idempotency key, as of `validateIdempotencyKey`: with the session and its user, the name of the turn. */
  readonly key: string
  /** What the user said, as one text for equal messages: the same key cannot name a turn of another. */
  readonly payload: string
  /**
   * How long the claim outlives a process that dies or loses Redis. It is renewed each third of it.
   *
   * @default 30_000
   */
  readonly lease?: number
  /** How long to wait while another runs the turn; 0 to ask once. */
  readonly wait: number
  /** How long the answer is kept: a day at the most, and not longer than the ttl of the session. */
  readonly keepFor: number
  /** The caller no longer waits: the call rejects with its reason, and nothing stays claimed. */
  readonly signal?: AbortSignal
}

/** Who is to run the turn, or what came of it before. */
export type Claimed<Answer> =
  { readonly state: 'claimed'; readonly claim: HeldClaim<Answer> } | ({ readonly state: 'answered' } & Answered<Answer>)

/** An answer that was written ahead; whether the turn was appended then, it does not say. */
export interface Answered<Answer> {
  readonly answer: Answer
  /** A time by performance.now() that is not after the one it was written at: since when the append may have been executed. */
  readonly since: number
}

/** The answer to a turn. */
export interface Standing<Answer> {
  readonly answer: Answer
  /** Where another may have appended it: since when, as of Answered. */
  readonly since?: number
}

/** A turn that is this caller's to run. */
export interface HeldClaim<Answer> {
  /** Aborts when the claim was lost, with a MemoryLockLostError as its reason: another may run the turn by now. */
  readonly signal: AbortSignal
  /**
   * Writes the answer ahead, and resolves to the one that stands: this one, or another's that came first. From then on the
   * claim is not renewed any more. When it fails, it may be called again, or the claim released.
   *
   * `undefined`, given or answered, is an answer that is not kept: too large, or not held at all. Nothing is written, and the claim
   * goes on until the turn is `appended`.
   *
   * @throws MemorySerializationError; MemoryConflictError when another message has the key by now; MemoryLockLostError for an
   * answer that is not kept when the claim is lost; MemoryError of the request
   */
  answer(answer: Answer | undefined): Promise<Standing<Answer> | undefined>
  /** The turn stands, and its answer is not kept: whoever has the key is told so for as long as an answer is kept. Never throws. */
  appended(): Promise<void>
  /** Gives the turn up, so that the next caller runs it. An answer that stands stays. Never throws. */
  release(): Promise<void>
}
