import type { Version } from '../../model/record.interface.js'

/**
 * The version at which something was seen, and when that was last known to be so, by the process's clock in ms. All that is of one
 * version shares one stamp, so that a look that finds the version unchanged makes all of it younger.
 */
export interface Stamp {
  version: Version
  at: number
}

/** How many writes a version has behind it. */
export const writesOf = (version: Version): number => Number.parseInt(version, 10)

export const olderOf = (one: Stamp, other: Stamp): Stamp =>
  other.at < one.at || (other.at === one.at && writesOf(other.version) < writesOf(one.version)) ? other : one
