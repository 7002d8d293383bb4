import { MemoryConfigError } from '../errors/memory-config.error.js'
import { MemoryPermissionError } from '../errors/memory-permission.error.js'
import { MemoryTimeoutError } from '../errors/memory-timeout.error.js'
import { MemoryUnavailableError } from '../errors/memory-unavailable.error.js'
import type { MemoryError, MemoryErrorDetails } from '../errors/memory.error.js'
import { CredentialsError } from './ask-credentials.js'
import { classifyError, withoutArguments, wordFor } from './classify-error.js'
import { isNoReply, isSymptom } from './client-errors.js'

/** The alert by which a server asks for a certificate may be lost with the connection. */
const ENDED =
  'the server ends the connection: look at maxclients, at a proxy, and at whether it asks for TLS, or for a certificate'

/** What most likely stops a connection from being made, by the code of Node's error; waiting may help. */
const CAUSES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens at the address'],
  ['ENOTFOUND', 'the host name is not known'],
  ['EAI_AGAIN', 'the name server does not answer'],
  ['EHOSTUNREACH', 'there is no way to the address'],
  ['ENETUNREACH', 'there is no way to the address'],
  ['ETIMEDOUT', 'the address does not answer: a firewall, a server that hangs, or one that does not speak TLS'],
  ['ECONNRESET', ENDED],
  ['EPIPE', ENDED],
  ['ENOENT', 'there is no such socket'],
  ['EACCES', 'this process may not use the socket'],
  ['ERR_TLS_HANDSHAKE_TIMEOUT', 'what listens there does not answer a TLS handshake: it does not speak TLS, or hangs'],
  // A server is given another certificate while this process runs.
  ['CERT_HAS_EXPIRED', 'the certificate of the server, or of its authority, has expired: it has to be renewed'],
  ['CERT_NOT_YET_VALID', 'the certificate of the server is not yet valid: look at the clocks, and at the certificate'],
])

const UNKNOWN_AUTHORITY = [
  'a certificate of an authority that this process does not know',
  'one of an authority that is named in tls.ca',
] as const
const NO_TLS = ['a server that does not speak TLS', 'a server that does, or a connection without tls'] as const

/** What is wrong with TLS, and what would be right, by the beginning of the code; waiting does not help. */
const TLS_FAULTS: readonly (readonly [RegExp, given: string, allowed: string])[] = [
  [/^DEPTH_ZERO_SELF_SIGNED_CERT|^SELF_SIGNED_CERT_IN_CHAIN|^UNABLE_TO_/, ...UNKNOWN_AUTHORITY],
  [
    /^CERT_(?!HAS_EXPIRED|NOT_YET_VALID)|^INVALID_/,
    'a certificate that cannot be trusted',
    'one that is valid for this server',
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID/, 'a certificate for another host name', 'one for this host, or for tls.servername'],
  [/^ERR_SSL_WRONG_VERSION_NUMBER|^EPROTO/, ...NO_TLS],
  [
    /^ERR_SSL_\w*CERTIFICATE_REQUIRED/,
    'no certificate of our own',
    'tls.cert and tls.key, for the server asks for them',
  ],
  [
    /^ERR_SSL_\w*ALERT_CERTIFICATE_EXPIRED/,
    'a certificate of our own that has expired',
    'tls.cert that is valid today',
  ],
  [
    /^ERR_SSL_\w*ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_REVOKED)/,
    'a certificate of our own that the server does not trust',
    'tls.cert and tls.key of an authority that the server knows',
  ],
  [/^ERR_SSL_|^ERR_TLS_(?!HANDSHAKE_TIMEOUT)/, 'a TLS handshake that fails', 'settings of tls that the server accepts'],
]

const SILENT = /^Socket timeout\./
const NOT_READY = 'connected, and not ready'
/** Said by ioredis after it has asked all sentinels; the last error is that of one of them. */
const NO_SENTINEL = /^All sentinels are unreachable.*?(?: Last error: (.*))?$/s
const DENIED = /^(?:NOAUTH|WRONGPASS|NOPERM)\b/

/** What is known once a connection is made: a server that loads its data says nothing else, nor one that ends it at once. */
export const notReady = (): Error => new Error(NOT_READY)

/**
 * Which of two things that were heard of a connection tells more of why there is none: the newer one, unless it only says that
 * there is none, or that a server that did not answer takes connections.
 */
export const tellingMore = (before: Error | undefined, heard: Error): Error => {
  if (before === undefined) return heard
  const tellsNothing = isSymptom(heard) || (heard.message === NOT_READY && SILENT.test(before.message))
  return tellsNothing ? before : heard
}

const likelyCause = (error: Error): string => {
  if (error.name === 'ReplyError') return classifyError(error, { kind: 'read' }).message
  if (error.message === NOT_READY)
    return 'it takes connections, and is not ready: loading, out of clients, or with TLS?'
  if (error instanceof CredentialsError) return error.message
  const [unknown, answer] = NO_SENTINEL.exec(error.message) ?? []
  if (unknown !== undefined) {
    return answer === undefined || answer.startsWith('ERR No such master')
      ? 'the sentinels do not know a master of this name'
      : 'no sentinel answers: look at their addresses, and at whether they ask for TLS (sentinelTLS)'
  }
  const word = wordFor(error)
  const cause = CAUSES.get(word)
  return cause === undefined ? word : `${cause} (${word})`
}

/** What no waiting mends. */
const fault = (error: Error, details: MemoryErrorDetails): MemoryError | undefined => {
  if (isNoReply(error)) {
    return new MemoryConfigError(
      { path: 'connection', given: 'an address where no Redis server answers', allowed: 'one of Redis or Valkey' },
      details,
    )
  }
  if (error instanceof CredentialsError) return error.problem && new MemoryConfigError(error.problem, details)
  const [denied] = DENIED.exec(NO_SENTINEL.exec(error.message)?.[1] ?? '') ?? []
  if (denied !== undefined) {
    const check = 'check sentinelUsername, sentinelPassword and its ACL rules'
    return new MemoryPermissionError(`a sentinel denied access (${denied}): ${check}`, details)
  }
  const word = wordFor(error)
  const [, given, allowed] = TLS_FAULTS.find(([code]) => code.test(word)) ?? []
  if (given !== undefined && allowed !== undefined) {
    return new MemoryConfigError({ path: 'connection.tls', given: `${given} (${word})`, allowed }, details)
  }
  const reason = error.name === 'ReplyError' ? classifyError(error, { kind: 'read', ...details }) : undefined
  return reason?.retryable === false ? reason : undefined
}

/** Why a connection is not there, for the log: that is the only place where it is said while nobody calls. */
export const reasonFor = (heard: Error): string => {
  const found = fault(heard, {})
  if (found instanceof MemoryConfigError) {
    return found.problems.map(({ path, given, allowed }) => `${path}: ${given} given; allowed: ${allowed}`).join('; ')
  }
  return SILENT.test(heard.message) ? 'it takes connections, and gives no answer' : likelyCause(heard)
}

/**
 * What a call says that found no connection; nothing was sent.
 *
 * @param heard what the connection said of itself last
 * @param within how long a connection was waited for, in ms
 */
export const unreachable = (heard: Error | undefined, within: number, ids: MemoryErrorDetails = {}): MemoryError => {
  const { sessionId, operationId } = ids
  const details = { sessionId, operationId, cause: heard && withoutArguments(heard) }
  const found = heard && fault(heard, details)
  if (found !== undefined) return found
  if (heard !== undefined && SILENT.test(heard.message)) {
    return new MemoryTimeoutError(`Redis takes connections, and gave no answer within ${within} ms`, 'no', details)
  }
  const why = heard === undefined ? '' : `: ${likelyCause(heard)}`
  return new MemoryUnavailableError(`no connection to Redis within ${within} ms${why}`, 'no', details)
}
