import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import {
  MemoryConfigError,
  MemoryConflictError,
  MemoryCorruptError,
  MemoryFullError,
  MemoryInvalidError,
  MemoryLockError,
  MemoryLockLostError,
  MemoryLostError,
  MemoryOverloadedError,
  MemoryPermissionError,
  MemorySerializationError,
  MemoryShutdownError,
  MemoryTimeoutError,
  MemoryTooLargeError,
  MemoryUnavailableError,
  SessionDeletedError,
  SessionNotFoundError,
  toProblemDetails,
  type MemoryError,
  type MemoryErrorCode,
} from 'nestjs-agent-memory'

const details = { sessionId: 'the-session', operationId: 'the-operation', path: 'the.path' }
const problem = { path: 'the.path', given: 'a number', allowed: 'a text' }
const text = 'what happened'

const conflict = (code: ConstructorParameters<typeof MemoryConflictError>[0]): MemoryError =>
  new MemoryConflictError(code, text, details)
const full = (code: ConstructorParameters<typeof MemoryFullError>[0]): MemoryError =>
  new MemoryFullError(code, text, details)

/** Each code, and its status. */
const CODES: Readonly<Record<MemoryErrorCode, readonly [number, MemoryError]>> = {
  ARGUMENT_INVALID: [400, new MemoryInvalidError(problem, details)],
  NOT_SERIALIZABLE: [400, new MemorySerializationError(text, details)],
  SESSION_NOT_FOUND: [404, new SessionNotFoundError(text, details)],
  OPERATION_REUSED: [409, conflict('OPERATION_REUSED')],
  OPERATION_FORGOTTEN: [409, conflict('OPERATION_FORGOTTEN')],
  VERSION_MISMATCH: [409, conflict('VERSION_MISMATCH')],
  FENCE_STALE: [409, conflict('FENCE_STALE')],
  SUMMARY_REPLACED: [409, conflict('SUMMARY_REPLACED')],
  LOCK_LOST: [409, new MemoryLockLostError(text, details)],
  LOST: [410, new MemoryLostError(text, 'evicted', details)],
  SESSION_DELETED: [410, new SessionDeletedError(text, details)],
  TOO_LARGE: [413, new MemoryTooLargeError(text, details)],
  LOCKED: [423, new MemoryLockError(text, details)],
  CONFIG_INVALID: [500, new MemoryConfigError(problem, details)],
  CORRUPT: [500, new MemoryCorruptError(text, details)],
  PERMISSION_DENIED: [500, new MemoryPermissionError(text, details)],
  UNAVAILABLE: [503, new MemoryUnavailableError(text, 'no', details)],
  OVERLOADED: [503, new MemoryOverloadedError(text, details)],
  SHUTDOWN: [503, new MemoryShutdownError(text, details)],
  TIMEOUT: [504, new MemoryTimeoutError(text, 'unknown', details)],
  SESSION_FULL: [507, full('SESSION_FULL')],
  SERVER_FULL: [507, full('SERVER_FULL')],
  JOURNAL_FULL: [507, full('JOURNAL_FULL')],
}

const codes = Object.entries(CODES)
const told = codes.filter(([, [status]]) => status !== 500)
const kept = codes.filter(([, [status]]) => status === 500)

describe('the problem details of', () => {
  it.each(told)('%s have the status, and what the error says', (code, [status, error]) => {
    expect(toProblemDetails(error)).toEqual({
      type: 'about:blank',
      title: expect.stringMatching(/^[A-Z]\w+/),
      status,
      detail: error.message,
      code,
      retryable: error.retryable || code === 'SHUTDOWN',
      executed: error.executed,
      operationId: 'the-operation',
      path: 'the.path',
    })
  })

  it.each(kept)('%s have the code, and nothing of what is inside', (code, [, error]) => {
    expect(toProblemDetails(error)).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: 'The memory of this application failed; the log of the application says why',
      code,
      retryable: false,
      executed: 'no',
      operationId: 'the-operation',
    })
  })

  it.each(['response', 'response.values[0]', 'response[0]', 'value', 'value.total'])(
    'a value that cannot be serialized at %s of the answer are those of an internal error',
    (path) => {
      const { status, ...more } = toProblemDetails(new MemorySerializationError(text, { path }))
      expect(status).toBe(500)
      expect(JSON.stringify(more)).not.toMatch(/what happened|"path"/)
    },
  )

  it.each(['messages[0].metadata.a', 'values.response', 'values.value', 'responses.a', undefined])(
    'a value that cannot be serialized at %s of the input are those of a bad request',
    (path) => {
      expect(toProblemDetails(new MemorySerializationError(text, { path }))).toMatchObject({
        status: 400,
        detail: text,
      })
    },
  )

  it('an error without ids have none', () => {
    expect(Object.keys(toProblemDetails(new MemoryUnavailableError(text, 'no')))).toEqual([
      'type',
      'title',
      'status',
      'detail',
      'code',
      'retryable',
      'executed',
    ])
  })
})

describe('docs/errors.md', () => {
  const rows = readFileSync('docs/errors.md', 'utf8')
    .split('\n')
    .filter((line) => /^\| `[A-Z_]+`/.test(line) && !line.includes('of the answer'))
    .flatMap((line) => {
      const [, names = '', status, retryable] = line.split('|').map((cell) => cell.trim())
      return [...names.matchAll(/[A-Z_]+/g)].map(([code]) => [code, [Number(status), retryable === 'yes']] as const)
    })

  it('has each code once, with its status and whether to repeat', () => {
    const expected = codes.map(
      ([code, [status, error]]) => [code, [status, toProblemDetails(error).retryable]] as const,
    )
    expect(rows).toHaveLength(expected.length)
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(expected))
  })
})
