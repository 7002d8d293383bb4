import { describe, expect, it } from '@jest/globals'
import { storedBy } from '../../../lib/redis/server-run.js'

describe('storedBy', () => {
  const server = { node: 'a:1', runId: 'r1', isOfCluster: true }

  it('knows who stored a write when the same stood for it before and after', () => {
    expect(storedBy(server, { ...server })).toEqual(server)
  })

  it.each([
    ['another node', { ...server, node: 'b:1' }],
    ['another run', { ...server, runId: 'r2' }],
    ['one that cannot be told', { ...server, runId: undefined }],
  ])('does not when it was %s', (_, other) => {
    expect(storedBy(server, other)).toBeUndefined()
    expect(storedBy(other, server)).toBeUndefined()
  })
})
