import { inspect } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { classifyError, withoutArguments, wordFor } from '../../../lib/redis/classify-error.js'
import { DeadlineExceeded } from '../../../lib/redis/deadline.js'
import { MemoryFullError } from '../../../lib/errors/memory-full.error.js'

const MARKER = 'the user said so'
const IN_SCRIPT = ' script: 694a5fe1ddb97a4c6a1bf299d9537c7d3d0f84e7, on @user_script:12.'

/** As ioredis makes one. */
const reply = (message: string): Error =>
  Object.assign(new Error(message), {
    name: 'ReplyError',
    command: { name: 'evalsha', args: ['sha', '1', 'key', MARKER] },
  })
const named = (name: string, message: string): Error => Object.assign(new Error(message), { name })

const details = { kind: 'write', sessionId: 's', operationId: 'o' } as const

describe('a reply', () => {
  it.each<[string, string, 'no' | 'unknown', boolean]>([
    ["OOM command not allowed when used memory > 'maxmemory'.", 'SERVER_FULL', 'no', true],
    ["READONLY You can't write against a read only replica.", 'UNAVAILABLE', 'no', true],
    ['LOADING Redis is loading the dataset in memory', 'UNAVAILABLE', 'no', true],
    ['BUSY Redis is busy running a script.', 'UNAVAILABLE', 'no', true],
    ['UNKILLABLE Sorry the script already executed write commands', 'UNAVAILABLE', 'no', true],
    ['MISCONF Redis is configured to save RDB snapshots', 'UNAVAILABLE', 'no', true],
    ['MISCONF Errors writing to the AOF file: No space left on device', 'UNAVAILABLE', 'no', true],
    ['NOREPLICAS Not enough good replicas to write.', 'UNAVAILABLE', 'no', true],
    ['MASTERDOWN Link with MASTER is down', 'UNAVAILABLE', 'no', true],
    ['CLUSTERDOWN The cluster is down', 'UNAVAILABLE', 'no', true],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'UNAVAILABLE', 'no', true],
    ['NOSCRIPT No matching script. Please use EVAL.', 'UNAVAILABLE', 'no', true],
    ['EXECABORT Transaction discarded because of previous errors.', 'UNAVAILABLE', 'no', true],
    ['ERR max number of clients reached', 'UNAVAILABLE', 'no', true],
    [`ERR Script killed by user with SCRIPT KILL...${IN_SCRIPT}`, 'UNAVAILABLE', 'no', true],
    ['NOPERM this user has no permissions', 'PERMISSION_DENIED', 'no', false],
    ['NOAUTH Authentication required.', 'PERMISSION_DENIED', 'no', false],
    ['WRONGPASS invalid username-password pair', 'PERMISSION_DENIED', 'no', false],
    ['DENIED Redis is running in protected mode', 'CONFIG_INVALID', 'no', false],
    ['WRONGTYPE Operation against a key', 'CORRUPT', 'no', false],
    [`WRONGTYPE Operation against a key${IN_SCRIPT}`, 'CORRUPT', 'no', false],
    ['MOVED 12706 127.0.0.1:7001', 'CONFIG_INVALID', 'no', false],
    ['ASK 12706 127.0.0.1:7001', 'CONFIG_INVALID', 'no', false],
    ["CROSSSLOT Keys in request don't hash to the same slot", 'CONFIG_INVALID', 'no', false],
    ['ERR DB index is out of range', 'CONFIG_INVALID', 'no', false],
    ['ERR unknown command `evalsha`, with args beginning with: ', 'CONFIG_INVALID', 'no', false],
    ["ERR Error compiling script (new function): user_script:1: '=' expected", 'CONFIG_INVALID', 'no', false],
    ['ERR Protocol error: invalid bulk length', 'TOO_LARGE', 'no', false],
    ['ERR Protocol error: invalid multibulk length', 'TOO_LARGE', 'no', false],
    // What a script did before it failed stays.
    [`ERR user_script:12: attempt to index a nil value${IN_SCRIPT}`, 'CORRUPT', 'unknown', false],
    ['ERR Error running script (call to f_0): @user_script:12: attempt to index', 'CORRUPT', 'unknown', false],
    [`ERR The user executing the script can't run this command${IN_SCRIPT}`, 'PERMISSION_DENIED', 'unknown', false],
    [`ERR ACL failure in script: User a has no permissions${IN_SCRIPT}`, 'PERMISSION_DENIED', 'unknown', false],
    [`ERR ACL failure in script: No permissions to access a key${IN_SCRIPT}`, 'PERMISSION_DENIED', 'unknown', false],
    [`ERR Unknown Redis command called from script${IN_SCRIPT}`, 'CONFIG_INVALID', 'unknown', false],
    [`OOM command not allowed when used memory > 'maxmemory'.${IN_SCRIPT}`, 'SERVER_FULL', 'unknown', true],
    [`READONLY You can't write against a read only replica.${IN_SCRIPT}`, 'UNAVAILABLE', 'unknown', true],
    ['ERR something else', 'UNAVAILABLE', 'unknown', true],
    ['NEWWORD of a later version', 'UNAVAILABLE', 'unknown', true],
    ['', 'UNAVAILABLE', 'unknown', true],
  ])('%s', (message, code, executed, retryable) => {
    const error = classifyError(reply(message), details)
    expect(error).toMatchObject({ code, executed, retryable, sessionId: 's', operationId: 'o' })
    expect(error.cause).toMatchObject({ name: 'ReplyError', message: message.replace(/, with args.*/, '') })
    expect(inspect(error, { depth: 10 })).not.toContain(MARKER)
    expect(classifyError(reply(message), { kind: 'read' })).toMatchObject({ code, executed: 'no', retryable })
  })

  it('does not show the password that an old server quotes', () => {
    const message = 'ERR unknown command `HELLO`, with args beginning with: `3` `AUTH` `default` `the-password` '
    expect(inspect(classifyError(reply(message), details), { depth: 10 })).not.toContain('the-password')
  })
})

describe('what the client says', () => {
  it.each<[string, Error, string, 'no' | 'unknown', boolean]>([
    ['late', new DeadlineExceeded('no answer within 5 ms'), 'TIMEOUT', 'unknown', true],
    ["late by the client's own clock", new Error('Command timed out'), 'TIMEOUT', 'unknown', true],
    [
      'never sent',
      new Error("Stream isn't writeable and enableOfflineQueue options is false"),
      'UNAVAILABLE',
      'no',
      true,
    ],
    ['cut', new Error('Connection is closed.'), 'UNAVAILABLE', 'unknown', true],
    [
      'given up',
      named('MaxRetriesPerRequestError', 'Reached the max retries per request limit (which is 0). Refer to …'),
      'UNAVAILABLE',
      'unknown',
      true,
    ],
    [
      'in a pipeline that was cut half-way',
      named('AbortError', 'Command aborted due to connection close'),
      'UNAVAILABLE',
      'unknown',
      true,
    ],
    [
      'on a socket that failed',
      Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
      'UNAVAILABLE',
      'unknown',
      true,
    ],
    [
      'answered with what is no reply, by ioredis 5',
      named('ParserError', 'Protocol error, got "H" as reply type byte. Please report this.'),
      'UNAVAILABLE',
      'unknown',
      true,
    ],
    [
      'answered with what is no reply, by ioredis 6',
      new Error('Unknown RESP type 72 "H". Please report this.'),
      'UNAVAILABLE',
      'unknown',
      true,
    ],
    [
      'sent from node to node of a cluster that is down',
      new Error('Too many Cluster redirections. Last error: ReplyError: CLUSTERDOWN Hash slot not served'),
      'UNAVAILABLE',
      'no',
      true,
    ],
    [
      'sent from node to node until one was gone',
      new Error('Too many Cluster redirections. Last error: Error: Connection is closed.'),
      'UNAVAILABLE',
      'unknown',
      true,
    ],
    [
      'for a cluster without a node',
      named('ClusterAllFailedError', 'Failed to refresh slots cache.'),
      'UNAVAILABLE',
      'no',
      true,
    ],
    [
      'for a cluster without a master in reach',
      new Error("Cluster isn't ready and enableOfflineQueue options is false"),
      'UNAVAILABLE',
      'no',
      true,
    ],
    ['too long for a string', new RangeError('Invalid string length'), 'UNAVAILABLE', 'unknown', false],
    ['a flaw of the client', new TypeError('x is not a function'), 'UNAVAILABLE', 'unknown', false],
  ])('of a command that was %s', (_, original, code, executed, retryable) => {
    expect(classifyError(original, details)).toMatchObject({ code, executed, retryable, sessionId: 's' })
    expect(classifyError(original, { kind: 'read' })).toMatchObject({ code, executed: 'no', retryable })
  })

  it.each([
    ['Connection is closed.'],
    ['Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.'],
    ['Command aborted due to connection close'],
  ])('is not all there is to say of %j: what was heard of the connection is the cause', (message) => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
    const ended = new Error(message)
    const error = classifyError(ended, details, reset)
    expect(error).toMatchObject({ cause: { message: 'read ECONNRESET', code: 'ECONNRESET' }, executed: 'unknown' })
    expect(error.message).toContain('ECONNRESET')
    expect(classifyError(reply('OOM'), details, reset).cause).toMatchObject({ message: 'OOM' })
    const noNode = Object.assign(named('ClusterAllFailedError', 'Failed to refresh slots cache.'), {
      lastNodeError: reset,
    })
    expect(classifyError(noNode, details).cause).toMatchObject({ code: 'ECONNRESET' })
  })

  it('of a late write, tells what to do', () => {
    const late = new DeadlineExceeded('no answer within 5 ms')
    expect(classifyError(late, details).message).toBe(
      'Redis gave no answer within 5 ms; the write may still be executed, so repeat it with the same operationId',
    )
    expect(classifyError(late, { kind: 'read' }).message).toBe('Redis gave no answer within 5 ms')
  })
})

describe('classifyError', () => {
  it('leaves a MemoryError as it is', () => {
    const error = new MemoryFullError('SESSION_FULL', 'full')
    expect(classifyError(error, details)).toBe(error)
  })

  it('takes what is no Error', () => {
    expect(classifyError(MARKER, details)).toMatchObject({ code: 'UNAVAILABLE', executed: 'unknown' })
    expect(inspect(classifyError(MARKER, details), { depth: 10 })).not.toContain(MARKER)
  })
})

describe('withoutArguments', () => {
  it('keeps what an error of several addresses holds', () => {
    const error = new AggregateError([
      new Error('connect ECONNREFUSED ::1:1'),
      new Error('connect ECONNREFUSED 127.0.0.1:1'),
    ])
    expect(withoutArguments(error).message).toBe('connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1')
  })
})

describe('wordFor', () => {
  it('has a word for what it sees', () => {
    expect(wordFor(Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }))).toBe(
      'ECONNREFUSED',
    )
    expect(wordFor(reply('WRONGPASS invalid'))).toBe('WRONGPASS')
    expect(wordFor(new TypeError('x'))).toBe('TypeError')
  })
})
