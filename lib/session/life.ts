/** How long the mark of a deletion refuses late retries, in ms. */
export const TOMBSTONE_TTL = 86_400_000

/** `<created> <expires, or 0> <version counter of the last deletion, or 0>`, as the scripts answer it. */
interface Life {
  /** What tells the session from another one of the same id. */
  readonly created: string
  readonly expires: number
  readonly deletion: number
}

export const parseLife = (life: string): Life => {
  const [created = '', expires, deletion] = life.split(' ')
  return { created, expires: Number(expires), deletion: Number(deletion) }
}
