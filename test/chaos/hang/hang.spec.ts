import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { runHang } from './run-hang.js'
import { hangProblems } from './show-hang.js'

describeWithRedis(
  'a server that hangs',
  (redis) => {
    it('leaves no call without an answer, fills no memory, and holds no application back from closing', async () => {
      const options = { seconds: 2, rate: 1_000 }
      const outcome = await runHang(redis, options)
      expect(outcome.stopped).toMatchObject({ pingsAnswered: 0 })
      expect(outcome.report.errors).toMatchObject({ 'UNAVAILABLE/no': expect.any(Number) })
      expect(outcome.effects.acknowledged).toBeGreaterThan(0)
      expect(hangProblems(options, outcome)).toEqual([])
    }, 120_000)
  },
  { standalone: 'it breaks one server', backend: 'binary' },
)
