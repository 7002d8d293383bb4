import { median } from '../statistics.mjs'

const quantile = (sorted, part) => {
  const place = (sorted.length - 1) * part
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  return low + (high - low) * (place - Math.floor(place))
}

/** Half of the values are between these two. */
export const middleHalf = (values) => {
  const sorted = values.toSorted((one, other) => one - other)
  return [quantile(sorted, 0.25), quantile(sorted, 0.75)]
}

const medianOf = (slices, name) => {
  const values = slices.map((slice) => slice[name]).filter((value) => value !== undefined)
  return values.length === 0 ? undefined : median(values)
}

/** What the rounds say of a row. `microseconds` is the time of one call: 1 caller, the median call; many, the time shared among them. */
export const summarize = ({ row, slices, failed }) => {
  const base = {
    name: row.name,
    operation: row.operation,
    target: row.target,
    history: row.history,
    callers: row.callers,
  }
  if (failed !== undefined) return { ...base, failed }
  if (slices.length === 0) return { ...base, failed: { reason: 'not measured', isWrong: false, isLate: true } }
  const times = slices.map(({ microseconds }) => microseconds)
  return {
    ...base,
    rounds: slices.length,
    microseconds: median(times),
    spread: middleHalf(times),
    perSecond: 1e6 / median(times),
    clientCpu: medianOf(slices, 'clientCpu'),
    serverCpu: medianOf(slices, 'serverCpu'),
  }
}

/**
 * How many times as long a call of `slow` takes as one of `fast`: the median of the ratios of each round, so that what concerns a
 * whole round concerns no ratio.
 */
export const ratioOf = (results, slow, fast) => {
  const slices = new Map(results.get(fast)?.slices.map((slice) => [slice.round, slice]))
  const ratios = (results.get(slow)?.slices ?? []).flatMap(({ round, microseconds }) => {
    const other = slices.get(round)
    return other === undefined ? [] : [microseconds / other.microseconds]
  })
  const hasFailed = [slow, fast].some((name) => results.get(name)?.failed !== undefined)
  if (hasFailed || ratios.length === 0) return undefined
  return { ratio: median(ratios), spread: middleHalf(ratios) }
}
