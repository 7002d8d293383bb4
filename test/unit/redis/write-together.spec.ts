import { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { writeTogether } from '../../../lib/redis/write-together.js'

interface Chunk {
  readonly chunk: Buffer
}

/** What went out in each write: the texts of its commands. */
class Wire extends Duplex {
  readonly writes: string[][] = []

  override _read(): void {
    // Nothing is answered.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.writes.push([String(chunk)])
    done()
  }

  override _writev(chunks: Chunk[], done: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => String(chunk)))
    done()
  }
}

const wire = (): Wire => {
  const stream = new Wire()
  writeTogether(stream)
  return stream
}

describe('commands of one turn of the event loop', () => {
  it('go out in one write, in their order', async () => {
    const stream = wire()
    for (const text of ['a', 'b', 'c']) stream.write(text)
    expect(stream.writes).toEqual([])
    await setImmediate()
    expect(stream.writes).toEqual([['a', 'b', 'c']])
  })

  it('go out with those that settled promises make, before anything else has its turn', async () => {
    const stream = wire()
    const seen = setImmediate().then(() => stream.writes.length)
    stream.write('a')
    await Promise.resolve()
    stream.write('b')
    expect(stream.writes).toEqual([])
    expect(await seen).toBe(1)
    expect(stream.writes).toEqual([['a', 'b']])
  })

  it('do not wait for the end of it once there are 8 KiB of them', async () => {
    const stream = wire()
    const command = 'x'.repeat(3_000)
    for (let sent = 0; sent < 7; sent++) stream.write(command)
    expect(stream.writes.map((texts) => texts.length)).toEqual([3, 3])
    await setImmediate()
    expect(stream.writes.map((texts) => texts.length)).toEqual([3, 3, 1])
  })

  it('are acknowledged, each by its own callback, and say whether there is room for more', async () => {
    const stream = wire()
    const done: string[] = []
    const note = (text: string) => () => done.push(text)
    const hasRoom = [
      stream.write('a', note('a')),
      stream.write('b', 'utf8', note('b')),
      stream.write(Buffer.alloc(stream.writableHighWaterMark), note('c')),
    ]
    await setImmediate()
    expect(done).toEqual(['a', 'b', 'c'])
    expect(hasRoom).toEqual([true, true, false])
  })

  it('go out in another write than those of the turn before', async () => {
    const stream = wire()
    stream.write('a')
    await setImmediate()
    stream.write('b')
    await setImmediate()
    expect(stream.writes).toEqual([['a'], ['b']])
  })

  it('are dropped with their stream when it is destroyed before', async () => {
    const stream = wire()
    stream.write('a')
    stream.destroy()
    await setImmediate()
    expect(stream.writes).toEqual([])
  })
})
