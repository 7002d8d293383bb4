/** The ids that name a session; every part is the caller's text. */
export interface SessionIds {
  readonly namespace: string
  readonly tenant: string | undefined
  readonly sessionId: string
}

/** Stands where a tenant would, and is no encoding of any text: `~` itself is written `%7E`. */
const NO_TENANT = '~'

/** Percent-encodes everything outside `[A-Za-z0-9_.-]`, so that no id can end its part or the hash tag. */
const encodePart = (part: string): string =>
  encodeURIComponent(part).replace(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

/** What all keys of a namespace begin with, and no key of another one. */
export const keyPrefix = (namespace: string): string => `am:{${encodePart(namespace)}:`

/** `am:{<namespace>:<tenant>:s:<session>}`: one hash tag around it all, so that a session is on one slot. */
export const sessionKey = ({ namespace, tenant, sessionId }: SessionIds): string =>
  `${keyPrefix(namespace)}${tenant === undefined ? NO_TENANT : encodePart(tenant)}:s:${encodePart(sessionId)}}`

/** The copy of a session's summary that outlives it, on the same slot. */
export const summaryKey = (ofSession: string): string => `${ofSession}:summary`

/**
 * What health checks write and read in a namespace; no session's key, as a tenant is followed by more.
 *
 * @param number of a cluster, where each master needs one of its own
 */
export const probeKey = (namespace: string, number = 0): string =>
  `${keyPrefix(namespace)}${NO_TENANT}:h${number === 0 ? '' : number}}`

/** What is written before replicas are waited for, on the same slot; it lives for a second. */
export const waitKey = (ofSession: string): string => `${ofSession}:wait`

/** The claim on one turn of a session, on the same slot. */
export const claimKey = (ofSession: string, hash: string): string => `${ofSession}:claim:${hash}`
