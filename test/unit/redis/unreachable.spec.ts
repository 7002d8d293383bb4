import { describe, expect, it } from '@jest/globals'
import { notReady, tellingMore, unreachable } from '../../../lib/redis/unreachable.js'

const coded = (code: string): Error => Object.assign(new Error(`connect ${code} 127.0.0.1:1`), { code })
const reply = (message: string): Error => Object.assign(new Error(message), { name: 'ReplyError' })

describe('unreachable', () => {
  it.each<[string, Error | undefined, string]>([
    ['nothing was heard', undefined, 'no connection to Redis within 500 ms'],
    ['nothing listens', coded('ECONNREFUSED'), 'nothing listens at the address (ECONNREFUSED)'],
    ['the name is not known', coded('ENOTFOUND'), 'the host name is not known (ENOTFOUND)'],
    ['the name server is away', coded('EAI_AGAIN'), 'the name server does not answer (EAI_AGAIN)'],
    ['nobody answers', coded('ETIMEDOUT'), '(ETIMEDOUT)'],
    ['the connection is ended', coded('EPIPE'), 'at whether it asks for TLS, or for a certificate (EPIPE)'],
    ['there is no socket', coded('ENOENT'), 'there is no such socket (ENOENT)'],
    ['the server loads', notReady(), 'it takes connections, and is not ready'],
    ['the server says so', reply('BUSY Redis is busy running a script.'), "busy with somebody's script"],
    ['the server is full', reply('ERR max number of clients reached'), 'no room for another connection (maxclients)'],
    ['the certificate is old', coded('CERT_HAS_EXPIRED'), 'has expired: it has to be renewed (CERT_HAS_EXPIRED)'],
    ['the certificate is new', coded('CERT_NOT_YET_VALID'), 'look at the clocks'],
    ['nobody speaks TLS there', coded('ERR_TLS_HANDSHAKE_TIMEOUT'), 'does not answer a TLS handshake'],
    [
      'no sentinel answers',
      new Error('All sentinels are unreachable and retry is disabled. Last error: Connection is closed.'),
      'no sentinel answers',
    ],
    [
      'no sentinel knows the master',
      new Error('All sentinels are unreachable and retry is disabled.'),
      'the sentinels do not know a master of this name',
    ],
    ['the code is another one', coded('ESOMETHING'), 'within 500 ms: ESOMETHING'],
  ])('may pass when %s', (_, heard, message) => {
    const error = unreachable(heard, 500, { sessionId: 's', operationId: 'o' })
    expect(error).toMatchObject({
      code: 'UNAVAILABLE',
      executed: 'no',
      retryable: true,
      sessionId: 's',
      operationId: 'o',
    })
    expect(error.message).toContain(message)
    expect((error.cause as Error | undefined)?.message).toBe(heard?.message)
  })

  it('is late when the server takes connections, and hangs', () => {
    const heard = new Error("Socket timeout. Expecting data, but didn't receive any in 1000ms.")
    const error = unreachable(heard, 500, { sessionId: 's' })
    expect(error).toMatchObject({
      code: 'TIMEOUT',
      executed: 'no',
      retryable: true,
      sessionId: 's',
      cause: { message: heard.message },
    })
    expect(error.message).toBe('Redis takes connections, and gave no answer within 500 ms')
  })

  it.each<[string, Error, string, string]>([
    ['a certificate of its own', coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'CONFIG_INVALID', 'named in tls.ca'],
    ['an unknown authority', coded('SELF_SIGNED_CERT_IN_CHAIN'), 'CONFIG_INVALID', 'named in tls.ca'],
    ['an issuer that is missing', coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'CONFIG_INVALID', 'named in tls.ca'],
    ['a revoked certificate', coded('CERT_REVOKED'), 'CONFIG_INVALID', 'cannot be trusted (CERT_REVOKED)'],
    ['another host', coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'CONFIG_INVALID', 'for tls.servername'],
    ['no TLS', coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'CONFIG_INVALID', 'a connection without tls'],
    [
      'a client certificate',
      coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
      'CONFIG_INVALID',
      'tls.cert and tls.key',
    ],
    [
      'an old certificate of our own',
      coded('ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED'),
      'CONFIG_INVALID',
      'tls.cert that',
    ],
    [
      'a certificate of our own nobody knows',
      coded('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'),
      'CONFIG_INVALID',
      'does not trust',
    ],
    [
      'a sentinel that wants another password',
      new Error('All sentinels are unreachable and retry is disabled. Last error: WRONGPASS invalid username'),
      'PERMISSION_DENIED',
      'a sentinel denied access (WRONGPASS)',
    ],
    ['another handshake', coded('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'), 'CONFIG_INVALID', 'settings of tls'],
    [
      'a web server',
      new Error('Unknown RESP type 72 "H". Please report this.'),
      'CONFIG_INVALID',
      'no Redis server answers',
    ],
    ['a wrong password', reply('WRONGPASS invalid username-password pair'), 'PERMISSION_DENIED', 'or its password'],
    ['a missing database', reply('ERR DB index is out of range'), 'CONFIG_INVALID', 'connection.db'],
  ])('does not pass with %s', (_, heard, code, message) => {
    const error = unreachable(heard, 500, { sessionId: 's', operationId: 'o' })
    expect(error).toMatchObject({ code, executed: 'no', retryable: false, sessionId: 's', operationId: 'o' })
    expect(error.message).toContain(message)
    expect(error.cause).toMatchObject({ message: heard.message })
  })
})

describe('tellingMore', () => {
  const refused = coded('ECONNREFUSED')
  const silent = new Error("Socket timeout. Expecting data, but didn't receive any in 1000ms.")
  const closed = new Error('Connection is closed.')
  const neverSent = new Error("Stream isn't writeable and enableOfflineQueue options is false")
  const ready = notReady()

  it.each<[string, Error | undefined, Error, Error]>([
    ['the first', undefined, closed, closed],
    ['the newer', silent, refused, refused],
    ['the older, of a connection that ended', refused, closed, refused],
    ['the older, of a command that was never sent', refused, neverSent, refused],
    ['the newer, of a server that is back', refused, ready, ready],
    ['the older, of a server that hangs and takes connections', silent, ready, silent],
    ['the older, of a connection that ended at once', ready, closed, ready],
  ])('takes %s', (_, before, heard, taken) => {
    expect(tellingMore(before, heard)).toBe(taken)
  })
})
