import { Readable } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { StreamableFile } from '@nestjs/common'
import { httpAnswer } from '../../../lib/nest/http/http-answer.js'
import { plain } from './plain.js'

const at = new Date(0)

/** Only what it was told, as Express and Fastify both have it. */
class Told {
  readonly headers = new Map<string, string>()
  headersSent = false
  sent = false

  header(name: string, value: string): void {
    if (this.headersSent || this.sent) throw new Error('the headers are sent')
    this.headers.set(name, value)
  }

  getHeader(name: string): string | undefined {
    return this.headers.get(name)
  }
}

const answer = (value: unknown, response: Told, text?: string): unknown =>
  httpAnswer(value, response, { plain, exact: () => text })

describe('an answer over HTTP', () => {
  it.each<'headersSent' | 'sent'>(['headersSent', 'sent'])('is left alone when the handler gave it: %s', (flag) => {
    const response = new Told()
    response[flag] = true
    const value = { at }
    expect(answer(value, response, 'exact')).toBe(value)
    expect(answer(undefined, new Told(), 'exact')).toBeUndefined()
  })

  it.each<[string, object]>([
    ['a file', new StreamableFile(Buffer.from('a'))],
    ['a stream of Node', Readable.from(['a'])],
    ['a stream of the web', new ReadableStream()],
    ['a web response', new Response('a')],
  ])('is %s, which sends itself, also for a client that accepts exact values', (_name, value) => {
    const response = new Told()
    expect(answer(value, response, 'exact')).toBe(value)
    expect(response.headers.size).toBe(0)
  })

  it('is JSON for a Date, and as it is for a text', () => {
    const [dated, text] = [new Told(), new Told()]
    expect(answer(at, dated)).toBe(`"${at.toISOString()}"`)
    expect(dated.headers.get('Content-Type')).toBe('application/json; charset=utf-8')
    expect(answer('text', text)).toBe('text')
    expect(text.headers.has('Content-Type')).toBe(false)
  })

  it.each<[string | undefined, string]>([
    [undefined, 'Accept'],
    ['Origin', 'Origin, Accept'],
    ['Accept-Encoding', 'Accept-Encoding, Accept'],
    ['origin, accept', 'origin, accept'],
    ['*', '*'],
  ])('varies by what is accepted, beside %p', (before, after) => {
    const response = new Told()
    if (before !== undefined) response.header('Vary', before)
    expect(answer({ at }, response)).toStrictEqual({ at: at.toISOString() })
    expect(response.headers.get('Vary')).toBe(after)
  })
})
