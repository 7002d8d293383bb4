import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../../support/keys.js'
import { runWorker } from '../../support/run-worker.js'
import { useMemory } from '../../support/use-memory.js'
import type { EncryptingWriterInput, EncryptingWriterOutput } from '../../support/workers/encrypting-writer.js'

const WRITERS = ['a', 'b', 'c', 'd']
const COUNT = 50

describeWithRedis('several processes with one encrypted session', (redis) => {
  const encryption = { current: 'k2', keys: { k1: testKey(1), k2: testKey(2) } }
  const tested = useMemory(redis, { serialization: { encryption } })

  it.each<[string, ('k1' | 'k2')[]]>([
    ['lose, double and spoil nothing', ['k2', 'k2', 'k2', 'k2']],
    ['nor in the middle of a rotation', ['k1', 'k2', 'k1', 'k2']],
  ])(
    '%s',
    async (_, currents) => {
      const session = tested.newSession()
      const done = new AbortController()
      const working = Promise.all(
        WRITERS.map((writer, index) => {
          const input: EncryptingWriterInput = {
            connection: redis.connection,
            namespace: tested.namespace,
            session: session.id,
            writer,
            writers: WRITERS.length,
            count: COUNT,
            current: currents[index]!,
          }
          return runWorker<EncryptingWriterOutput>('encrypting-writer', input)
        }),
      ).finally(() => done.abort())
      for (let round = 0; round < 5_000 && !done.signal.aborted; round++) await session.reencrypt()
      const outputs = await working
      expect(await session.reencrypt()).toMatchObject({ remaining: 0, corrupt: [] })

      const { messages, state, corrupt } = await session.context()
      expect(corrupt).toEqual([])
      expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_item, index) => index + 1))
      const contents = WRITERS.flatMap((writer) =>
        Array.from({ length: COUNT }, (_item, index) => `${writer}-${index}`),
      )
      const bySeq = new Map(messages.map(({ seq, content }) => [seq, content]))
      expect(outputs.flatMap(({ seqs }) => seqs.map((seq) => bySeq.get(seq)))).toEqual(contents)
      expect(messages[0]!.metadata).toEqual({
        at: new Date(5),
        padding: (messages[0]!.content as string).repeat(1_200),
      })
      for (const { seqs, repeated } of outputs) {
        expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
        expect(repeated).toEqual(Array.from({ length: 10 }, () => true))
      }
      // Each write made a version of its own: so none was merged into another, and none was made twice.
      expect(new Set(outputs.flatMap(({ versions }) => versions)).size).toBe(2 * contents.length)
      expect(state).toEqual({
        shared: Object.fromEntries(contents.map((content) => [content, new Date(content.length)])),
      })

      const hash = await tested.redis.hgetall(tested.keyOf(session))
      const records = Object.entries(hash).filter(([field]) => /^[ms]:/.test(field))
      expect(Number(hash['v'])).toBe(2 * contents.length)
      expect(Number(hash['b'])).toBe(records.reduce((sum, [, record]) => sum + record.length, 0))
      expect(records.every(([, record]) => / ek[12]\.[\w-]+$/.test(record))).toBe(true)
      expect(JSON.stringify(hash)).not.toContain('ek1.')
    },
    90_000,
  )
})
