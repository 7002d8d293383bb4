import { expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { testKey } from '../support/keys.js'
import { useMemory, type MemoryUnderTest } from '../support/use-memory.js'
import { command, commandWithLargeValues } from './session-commands.js'
import type { Caps } from './session-model.js'
import { Run } from './session-run.js'
import { asText, encrypted, type StoredSize } from './stored-size.js'

interface Variant {
  /** So low that a run meets them. */
  readonly caps: Caps
  readonly size: StoredSize
  readonly memory: MemoryUnderTest
  readonly command: typeof command
}

/** A session that comes to its end is removed by hand. */
const resilience = { onLoss: 'report', deadline: '30s' } as const

describeWithRedis('a session does what its model does', (redis) => {
  const plain = (onFull: 'trim' | 'refuse'): Variant => {
    const caps = { maxMessages: 7, maxBytes: 1_000, onFull }
    return { caps, size: asText, memory: useMemory(redis, { session: caps, resilience }), command }
  }
  const sealed = (onFull: 'trim' | 'refuse'): Variant => {
    const caps = { maxMessages: 7, maxBytes: 6_500, onFull }
    const serialization = {
      encryption: { current: 'k1', keys: { k1: testKey(1), k0: testKey(0) } },
      compression: { minBytes: '4kb' as const },
    }
    const memory = useMemory(redis, { session: caps, serialization, resilience })
    return { caps, size: encrypted('k1', 4_096), memory, command: commandWithLargeValues }
  }

  it.each<[string, Variant]>([
    ["with onFull: 'trim'", plain('trim')],
    ["with onFull: 'refuse'", plain('refuse')],
    ["encrypted and compressed, with onFull: 'trim'", sealed('trim')],
    ["encrypted and compressed, with onFull: 'refuse'", sealed('refuse')],
  ])(
    'whatever is called, %s',
    async (_, { caps, size, memory, command: commands }) => {
      await fc.assert(
        fc.asyncProperty(fc.array(commands, { minLength: 1, maxLength: 40, size: 'max' }), async (steps) => {
          const run = new Run(memory, caps, size, (actual, expected) => expect(actual).toEqual(expected))
          for (const step of steps) {
            await run.step(step)
            await run.check()
          }
        }),
        { seed: 20_240, numRuns: 100, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
      )
    },
    120_000,
  )
})
