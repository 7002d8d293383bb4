import { infoLine } from '../server-check.js'

/** How far a master is, and its replicas: in bytes of what it has written for them. */
export interface ReplicationInfo {
  readonly offset: number
  /** Of those that follow; one that has to load everything anew is none. */
  readonly replicas: readonly number[]
}

/** What INFO says of it; `undefined` when the server is no master. */
export const readReplication = (info: string): ReplicationInfo | undefined => {
  if (infoLine(info, 'role') !== 'master') return undefined
  const replicas = [...info.matchAll(/^slave\d+:.*?\bstate=online\b.*?\boffset=(\d+)/gm)].map(([, offset]) =>
    Number(offset),
  )
  return { offset: Number(infoLine(info, 'master_repl_offset') ?? 0), replicas }
}
