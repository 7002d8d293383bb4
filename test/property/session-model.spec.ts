import { expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { useMemory } from '../support/use-memory.js'
import { command } from './session-commands.js'
import { CAPS, Run } from './session-run.js'

describeWithRedis('a session does what its model does', (redis) => {
  const memories = {
    trim: useMemory(redis, { session: { ...CAPS, onFull: 'trim' } }),
    refuse: useMemory(redis, { session: { ...CAPS, onFull: 'refuse' } }),
  }

  it.each(['trim', 'refuse'] as const)(
    'whatever is called, with onFull: %s',
    async (onFull) => {
      await fc.assert(
        fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 40, size: 'max' }), async (commands) => {
          const run = new Run(memories[onFull], onFull, (actual, expected) => expect(actual).toEqual(expected))
          for (const wanted of commands) {
            await run.step(wanted)
            await run.check()
          }
        }),
        { seed: 20_240, numRuns: 100, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
      )
    },
    120_000,
  )
})
