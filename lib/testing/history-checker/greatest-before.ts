/** Answers, for a time, the greatest number that was given for any earlier time; -Infinity for none. */
export const greatestBefore = (points: readonly (readonly [time: number, value: number])[]) => {
  let greatest = -Infinity
  const sorted = points
    .toSorted(([left], [right]) => left - right)
    .map(([time, value]) => [time, (greatest = Math.max(greatest, value))] as const)
  return (time: number): number => {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (sorted[middle]![0] < time) low = middle + 1
      else high = middle
    }
    return sorted[low - 1]?.[1] ?? -Infinity
  }
}
