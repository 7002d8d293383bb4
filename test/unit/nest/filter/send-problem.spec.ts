import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { expect, it } from '@jest/globals'
import {
  MemoryLockError,
  MemoryOverloadedError,
  MemoryShutdownError,
  MemoryTimeoutError,
  MemoryUnavailableError,
  toProblemDetails,
} from 'nestjs-agent-memory'
import { sendProblem } from '../../../../lib/nest/filter/send-problem.js'

it.each([
  { error: new MemoryUnavailableError('away', 'no'), expected: '1' },
  // The client itself failed, and will again.
  { error: new MemoryUnavailableError('a flaw', 'no', {}, false), expected: undefined },
  { error: new MemoryOverloadedError('too much'), expected: '1' },
  { error: new MemoryShutdownError('the next process serves'), expected: '1' },
  { error: new MemoryLockError('held'), expected: '1' },
  { error: new MemoryTimeoutError('late', 'unknown'), expected: undefined },
])('Retry-After of $error.code ($error.message) is $expected', ({ error, expected }) => {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  sendProblem(response, toProblemDetails(error))
  expect(response.getHeader('retry-after')).toBe(expected)
  expect(response.getHeader('content-type')).toBe('application/problem+json')
  expect(response.statusCode).toBe(toProblemDetails(error).status)
})
