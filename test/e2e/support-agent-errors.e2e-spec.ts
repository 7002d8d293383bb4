import { expect, it } from '@jest/globals'
import { MemorySerializationError } from 'nestjs-agent-memory'
import { describeError } from '../../sample/01-support-agent/src/errors/describe-error.js'

it.each([
  ['messages[0].metadata.a', 400],
  ['response.values.a', 500],
])('a value at %s that cannot be serialized is answered by %d', (path, statusCode) => {
  expect(describeError(new MemorySerializationError('no', { path }))).toMatchObject({
    statusCode,
    code: 'NOT_SERIALIZABLE',
    path,
  })
})
