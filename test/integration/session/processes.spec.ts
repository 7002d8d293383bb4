import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { runWorker } from '../../support/run-worker.js'
import { useMemory } from '../../support/use-memory.js'
import type { AppenderInput, AppenderOutput } from '../../support/workers/appender.js'

describeWithRedis('several processes', (redis) => {
  const tested = useMemory(redis)

  it('append 33 messages each at once, each retried: 132 messages, no gap, no double', async () => {
    const session = tested.newSession()
    const outputs = await Promise.all(
      ['a', 'b', 'c', 'd'].map((writer) => {
        const input: AppenderInput = {
          connection: redis.connection,
          namespace: tested.namespace,
          session: session.id,
          writer,
          // All of them together are no more than a session remembers.
          count: 33,
        }
        return runWorker<AppenderOutput[]>('appender', input)
      }),
    )
    const told = outputs.flat()
    expect(told).toHaveLength(132)
    for (const { first, again } of told) {
      expect(first.duplicate).toBe(false)
      expect(again).toEqual({ ...first, duplicate: true })
    }
    const { messages } = await session.messages()
    expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 132 }, (_, index) => index + 1))
    expect(new Map(messages.map(({ seq, content }) => [content, seq]))).toEqual(
      new Map(told.map(({ content, first }) => [content, first.seq])),
    )
    expect(new Set(told.map(({ first }) => first.version)).size).toBe(132)
    for (const output of outputs) {
      const seqs = output.map(({ first }) => first.seq)
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    }
  }, 60_000)
})
