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

  it('is each object of an async generator as plain JSON, and its texts and bytes as they are', async () => {
    const values = ['a', Buffer.from('b'), { at }]
    async function* generate(): AsyncGenerator {
      yield* values
    }
    const made: unknown[] = []
    for await (const value of answer(generate(), new Told(), 'exact') as AsyncIterable<unknown>) made.push(value)
    expect(made).toStrictEqual([...values.slice(0, 2), { at: at.toISOString() }])
    expect(made[1]).toBe(values[1])
  })

  it('varies beside a list of names, too', () => {
    const told = new Map<string, unknown>([['Vary', ['Origin', 'Cookie']]])
    const response = { header: told.set.bind(told), getHeader: told.get.bind(told) }
    httpAnswer({ at }, response, { plain, exact: () => undefined })
    expect(told.get('Vary')).toBe('Origin, Cookie, Accept')
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
