/** How many letters must be changed, added or dropped to turn one word into the other. */
function distance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [row, letter] of Array.from(from).entries()) {
    const current = [row + 1]
    for (const [column, other] of Array.from(to).entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1)
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    previous = current
  }
  return previous[to.length] ?? 0
}

/** Longer words are no slips of the pen, and would cost time. */
const MAX_LENGTH = 40

/** The known name that a misspelt one most likely stands for, if one is near enough. */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  if (given.length > MAX_LENGTH) return undefined
  const word = given.toLowerCase()
  const allowed = word.length <= 3 ? 1 : 2
  const [nearest] = known
    .map((name) => ({ name, steps: distance(word, name.toLowerCase()) }))
    .filter(({ steps }) => steps <= allowed)
    .toSorted((one, other) => one.steps - other.steps)
  return nearest?.name
}
