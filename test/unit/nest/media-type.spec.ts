import { describe, expect, it } from '@jest/globals'
import { acceptsExact, isExact } from '../../../lib/nest/exact/media-type.js'

describe('the media type of exact values', () => {
  it.each<[unknown, boolean]>([
    ['application/vnd.agent-memory+json', true],
    ['Application/Vnd.Agent-Memory+JSON ; charset=utf-8', true],
    ['application/vnd.agent-memory+json, application/json', true],
    ['application/json;q=0.5, application/vnd.agent-memory+json;q=0.8', true],
    ['text/html, application/vnd.agent-memory+json; q=0.1, */*', true],
    ['application/json, application/vnd.agent-memory+json;q=0.9', false],
    ['application/vnd.agent-memory+json;q=0', false],
    ['application/vnd.agent-memory+json;q=0.000', false],
    ['application/vnd.agent-memory+json;q=0.', false],
    ['application/json;q=0.2, application/vnd.agent-memory+json;q=0.1', false],
    ['*/*', false],
    ['application/*', false],
    ['application/vnd.agent-memory+jsonx', false],
    ['', false],
    [undefined, false],
  ])('is asked for by %p: %p', (accept, asked) => {
    expect(acceptsExact(accept)).toBe(asked)
  })

  it.each<[unknown, boolean]>([
    ['application/vnd.agent-memory+json', true],
    ['application/vnd.agent-memory+json; charset=utf-8', true],
    ['application/json', false],
    [undefined, false],
  ])('is the one of %p: %p', (contentType, exact) => {
    expect(isExact(contentType)).toBe(exact)
  })
})
