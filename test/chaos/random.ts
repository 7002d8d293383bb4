/** Numbers from 0 to 1, as Math.random. */
export type Random = () => number

/** The same numbers for the same seed (mulberry32). */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number, both ends included. */
export const between = (random: Random, [least, most]: readonly [number, number]): number =>
  least + Math.floor(random() * (most - least + 1))

/** One of the items, each as likely as its weight. */
export const pickWeighted = <T extends { readonly weight: number }>(random: Random, items: readonly T[]): T => {
  let left = random() * items.reduce((sum, { weight }) => sum + weight, 0)
  for (const item of items) {
    left -= item.weight
    if (left < 0) return item
  }
  return items.at(-1)!
}
