/** How long the mark of a deletion refuses late retries, in ms. */
export const TOMBSTONE_TTL = 86_400_000
