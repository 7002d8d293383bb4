import { once } from 'node:events'
import { connect } from 'node:net'
import { runInNewContext } from 'node:vm'
import { expect, it } from '@jest/globals'
import { isError } from '../../../lib/errors/is-error.js'

it.each([
  ['an Error', new Error('no')],
  ['a class of errors', new TypeError('no')],
  ['one of another realm', runInNewContext('new RangeError("no")')],
  ['a DOMException', AbortSignal.abort().reason],
])('knows %s', (_, value) => {
  expect(isError(value)).toBe(true)
})

it('knows an error of the network, which to a Jest test is of another realm', async () => {
  const [error] = await once(
    connect(1, '127.0.0.1').on('connect', () => undefined),
    'close',
  ).catch((e: unknown) => [e])
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  expect(isError(error)).toBe(true)
})

it.each([undefined, null, 'Error', { name: 'Error', message: 'no' }, Object.create({ name: 'Error' })])(
  'takes %p for none',
  (value) => {
    expect(isError(value)).toBe(false)
  },
)
