import { describe, expect, it } from '@jest/globals'
import { toPrompt } from '../../../lib/context/to-prompt.js'
import { MemoryInvalidError } from '../../../lib/errors/memory-invalid.error.js'
import { sourceOf, stored } from './prompt-formats/source.js'

const source = sourceOf(stored(['user', 'Hello']))

describe('toPrompt', () => {
  it('knows three formats', () => {
    expect(toPrompt(source, 'ai-sdk')).toEqual([{ role: 'user', content: 'Hello' }])
    expect(toPrompt(source, 'openai')).toEqual([{ role: 'user', content: 'Hello' }])
    expect(toPrompt(source, 'anthropic')).toEqual({ messages: [{ role: 'user', content: 'Hello' }] })
  })

  it.each(['gemini', 'toString', undefined])('refuses the format %s', (format) => {
    expect(() => Reflect.apply(toPrompt, undefined, [source, format])).toThrow(MemoryInvalidError)
    expect(() => Reflect.apply(toPrompt, undefined, [source, format])).toThrow(/^format: .*'openai'/)
  })
})
