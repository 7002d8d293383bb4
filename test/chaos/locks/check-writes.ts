import type { FencedWrite } from './fenced-write.interface.js'

const text = ({ process, fence, what }: FencedWrite): string => `${what} of process ${process} with fence ${fence}`

const problemOf = (write: FencedWrite, before: FencedWrite | undefined): string | undefined => {
  if (before !== undefined && write.fence < before.fence) return 'a fence goes back'
  if (write.fence !== before?.fence) return write.what === 'begin' ? undefined : 'an end without its begin'
  return write.process === before.process && write.what === 'end' && before.what === 'begin'
    ? undefined
    : 'a fence is used twice'
}

/** What shows that writes of two holders got in between each other; nothing when each holder's stand together, in the order of the fences. */
export const interleavings = (history: readonly FencedWrite[]): string[] =>
  history.flatMap((write, index) => {
    const before = history[index - 1]
    const problem = problemOf(write, before)
    return problem === undefined ? [] : [`${problem}: ${text(write)}${before && `, after ${text(before)}`}`]
  })

/** Writes that were acknowledged and are not in the history, or not once. */
export const lostOrDoubled = (history: readonly FencedWrite[], acknowledged: readonly FencedWrite[]): string[] => {
  const counts = new Map<string, number>()
  for (const write of history) counts.set(text(write), (counts.get(text(write)) ?? 0) + 1)
  const doubled = [...counts].filter(([, count]) => count > 1).map(([write, count]) => `${count} times: ${write}`)
  return [
    ...doubled,
    ...acknowledged
      .map(text)
      .filter((write) => !counts.has(write))
      .map((write) => `lost: ${write}`),
  ]
}
