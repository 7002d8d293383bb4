import { describe, expect, it } from '@jest/globals'
import { resolveTestNamespace } from '../../../lib/testing/testing-module/test-namespace.js'

describe('resolveTestNamespace', () => {
  it('makes a new one for each call', () => {
    expect(resolveTestNamespace(undefined)).not.toBe(resolveTestNamespace(undefined))
  })

  it('takes one that stands in a key as it is', () => {
    expect(resolveTestNamespace('my-app_2')).toBe('my-app_2')
  })

  it.each(['', 'a.b', 'a:b', '*', 'ü', 'x'.repeat(65)])('refuses %j', (namespace) => {
    expect(() => resolveTestNamespace(namespace)).toThrow('1 to 64 characters')
  })
})
