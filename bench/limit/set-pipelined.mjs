import { openSet } from './set.mjs'

/** The same with all commands that wait in one write: the most that ioredis does. */
export const open = async ({ url }) => openSet(url, { enableAutoPipelining: true })
