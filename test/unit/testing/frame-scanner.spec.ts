import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { FrameScanner } from '../../../lib/testing/fault-proxy/frame-scanner.js'
import { RequestReader } from '../../../lib/testing/fault-proxy/request-reader.js'

/** Frames as RESP2 and RESP3 have them, each whole. */
const FRAMES = [
  '+OK\r\n',
  '-ERR no such thing\r\n',
  ':42\r\n',
  '$5\r\nhello\r\n',
  '$-1\r\n',
  '$0\r\n\r\n',
  '$13\r\n*1\r\n$3\r\n+OK\r\n\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*3\r\n:1\r\n*2\r\n$1\r\na\r\n*0\r\n+b\r\n',
  '_\r\n',
  '#t\r\n',
  ',3.25\r\n',
  '(3492890328409238509324850943850943825024385\r\n',
  '!9\r\nERR wrong\r\n',
  '=7\r\ntxt:abc\r\n',
  '%2\r\n+a\r\n:1\r\n+b\r\n%1\r\n+c\r\n_\r\n',
  '~2\r\n:1\r\n:2\r\n',
  '|1\r\n+ttl\r\n:3600\r\n*2\r\n:1\r\n:2\r\n',
  '*1\r\n|1\r\n+ttl\r\n:1\r\n:2\r\n',
  `+${'x'.repeat(200)}\r\n`,
]
const PUSH = '>2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n'

/** The stream in chunks of the sizes, again and again. */
const cut = (stream: Buffer, sizes: readonly number[]): Buffer[] => {
  const chunks: Buffer[] = []
  for (let at = 0; at < stream.length; at += sizes[(chunks.length - 1) % sizes.length] ?? 1)
    chunks.push(stream.subarray(at, at + (sizes[chunks.length % sizes.length] ?? 1)))
  return chunks
}

const scan = (chunks: readonly Buffer[]): { text: string; push: boolean }[] => {
  const scanner = new FrameScanner()
  const frames: { text: string; push: boolean }[] = []
  let text = ''
  for (const chunk of chunks)
    for (const piece of scanner.read(chunk)) {
      if (piece.starts !== (text === '')) throw new Error('a frame starts where none does')
      text += piece.bytes.toString('latin1')
      if (!piece.ends) continue
      frames.push({ text, push: piece.push })
      text = ''
    }
  return frames
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })

describe('FrameScanner', () => {
  it.each([...FRAMES, PUSH])('finds where a frame ends: %j', (frame) => {
    expect(scan([Buffer.from(`${frame}${frame}`)])).toEqual(
      [frame, frame].map((text) => ({ text, push: frame === PUSH })),
    )
  })

  it('finds the same frames however the stream is split', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...FRAMES, PUSH), { maxLength: 12 }), sizes, (frames, split) => {
        expect(scan(cut(Buffer.from(frames.join('')), split))).toEqual(
          frames.map((text) => ({ text, push: text === PUSH })),
        )
      }),
    )
  })

  it('hands on what is no RESP, and says so', () => {
    const scanner = new FrameScanner()
    const bytes = Buffer.from([0x16, 0x03, 0x01, 0x0a, 0x2a])
    expect([...scanner.read(bytes)]).toEqual([{ bytes, starts: true, ends: true, push: false }])
    expect(scanner.opaque).toBe(true)
  })
})

const command = (...parts: string[]): string =>
  `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`

describe('RequestReader', () => {
  const requests = [
    ['evalsha', 'abc', '1', 'key'],
    ['SET', 'Schlüssel', '*1\r\n$4\r\nPING\r\n'],
    ['GET', ''],
  ]
  const stream = Buffer.from(`${requests.map((parts) => command(...parts)).join('')}PING with words\r\n\r\n`)

  it.each([true, false])('reads commands however they are split, and loses no byte; kept back: %s', (hold) => {
    fc.assert(
      fc.property(sizes, (split) => {
        const reader = new RequestReader()
        const pieces = cut(stream, split).flatMap((chunk) => [...reader.read(chunk, () => hold)])
        expect(Buffer.concat(pieces.map(({ bytes }) => bytes))).toEqual(stream)
        const read = pieces.flatMap(({ request }) => request ?? [])
        expect(read.map(({ name, args }) => [name, ...args])).toEqual([
          ['EVALSHA', 'abc', '1', 'key'],
          ['SET', 'Schlüssel', '*1\r\n$4\r\nPING\r\n'],
          ['GET', ''],
          ['PING', 'with', 'words'],
          [''],
        ])
        expect(pieces.every(({ whole }) => whole === hold)).toBe(true)
      }),
    )
  })
})
