import { inspect } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { classifyError, wordFor } from '../../../lib/redis/classify-error.js'
import { DeadlineExceeded } from '../../../lib/redis/deadline.js'
import { MemoryFullError } from '../../../lib/errors/memory-full.error.js'

/** As ioredis makes one. */
const reply = (message: string): Error =>
  Object.assign(new Error(message), {
    name: 'ReplyError',
    command: { name: 'evalsha', args: ['sha', '1', 'key', 'the user said so'] },
  })

const details = { kind: 'write', sessionId: 's', operationId: 'o' } as const

describe('classifyError', () => {
  it.each<[string, string, string, boolean]>([
    ["OOM command not allowed when used memory > 'maxmemory'.", 'SERVER_FULL', 'no', true],
    ["READONLY You can't write against a read only replica.", 'UNAVAILABLE', 'no', true],
    ['LOADING Redis is loading the dataset in memory', 'UNAVAILABLE', 'no', true],
    ['BUSY Redis is busy running a script.', 'UNAVAILABLE', 'no', true],
    ['MISCONF Redis is configured to save RDB snapshots', 'UNAVAILABLE', 'no', true],
    ['NOREPLICAS Not enough good replicas to write.', 'UNAVAILABLE', 'no', true],
    ['MASTERDOWN Link with MASTER is down', 'UNAVAILABLE', 'no', true],
    ['CLUSTERDOWN The cluster is down', 'UNAVAILABLE', 'no', true],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'UNAVAILABLE', 'no', true],
    ['NOPERM this user has no permissions', 'PERMISSION_DENIED', 'no', false],
    ['NOAUTH Authentication required.', 'PERMISSION_DENIED', 'no', false],
    ['WRONGPASS invalid username-password pair', 'PERMISSION_DENIED', 'no', false],
    ['WRONGTYPE Operation against a key', 'CORRUPT', 'no', false],
    ['MOVED 12706 127.0.0.1:7001', 'CONFIG_INVALID', 'no', false],
    ['ASK 12706 127.0.0.1:7001', 'CONFIG_INVALID', 'no', false],
    ['ERR something else', 'UNAVAILABLE', 'unknown', true],
  ])('%s', (message, code, executed, retryable) => {
    const error = classifyError(reply(message), details)
    expect(error).toMatchObject({ code, executed, retryable, sessionId: 's', operationId: 'o', cause: { message } })
    expect(inspect(error, { depth: 10 })).not.toContain('the user said so')
  })

  it.each<[string, Error, string, string]>([
    ['never sent', new Error("Stream isn't writeable and enableOfflineQueue options is false"), 'UNAVAILABLE', 'no'],
    ['cut', new Error('Connection is closed.'), 'UNAVAILABLE', 'unknown'],
    [
      'given up',
      Object.assign(new Error('Reached the max retries'), { name: 'MaxRetriesPerRequestError' }),
      'UNAVAILABLE',
      'unknown',
    ],
    ['late', new DeadlineExceeded('no answer within 5 ms'), 'TIMEOUT', 'unknown'],
  ])('a command that was %s', (_, original, code, executed) => {
    expect(classifyError(original, details)).toMatchObject({ code, executed, retryable: true })
    expect(classifyError(original, { kind: 'read' })).toMatchObject({ code, executed: 'no' })
  })

  it('leaves a MemoryError as it is', () => {
    const error = new MemoryFullError('SESSION_FULL', 'full')
    expect(classifyError(error, details)).toBe(error)
  })

  it('does not repeat the password that an old server quotes', () => {
    const message = 'ERR unknown command `HELLO`, with args beginning with: `3` `AUTH` `default` `the-password` '
    expect(inspect(classifyError(reply(message), details), { depth: 10 })).not.toContain('the-password')
  })

  it('has a word for what it sees', () => {
    expect(wordFor(Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }))).toBe(
      'ECONNREFUSED',
    )
    expect(wordFor(reply('WRONGPASS invalid'))).toBe('WRONGPASS')
    expect(wordFor(new TypeError('x'))).toBe('TypeError')
  })
})
