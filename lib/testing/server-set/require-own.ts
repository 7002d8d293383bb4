import type { ServerSet } from './server-set.interface.js'

export const needsOwn = (method: string): Error =>
  new Error(`${method}() needs servers of { backend: 'binary' }; these are of "docker"`)

/** @throws Error where the servers are no processes of ours */
export const requireOwn = (set: ServerSet, method: string): void => {
  if (set.backend !== 'binary') throw needsOwn(method)
}
