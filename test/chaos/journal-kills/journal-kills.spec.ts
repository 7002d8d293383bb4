import { expect, it } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeWithRedis, FaultProxy } from 'nestjs-agent-memory/testing'
import { runJournalKills } from './run-journal-kills.js'
import { journalKillsProblems } from './show-journal-kills.js'
import { poll } from '../../support/poll.js'
import { openQuietMemory, type QuietMemory } from '../../support/quiet-memory.js'

const COUNT = 12

const appendAtOnce = async ({ memory }: QuietMemory, from: number): Promise<string[]> => {
  const session = memory.session('in-order')
  const numbers = Array.from({ length: COUNT }, (_, index) => from + index)
  // None waits for the one before it.
  const results = await Promise.all(numbers.map((number) => session.append({ role: 'user', content: String(number) })))
  return results.map(({ stored }) => stored)
}

describeWithRedis(
  'an application with a journal',
  (redis) => {
    it('that is killed again and again loses, doubles and reorders nothing that it answered', async () => {
      const options = { kills: 4, seed: 7 }
      const outcome = await runJournalKills(redis, options)
      expect(outcome.kills).toMatchObject({ all: options.kills })
      expect(journalKillsProblems(options, outcome)).toEqual([])
    }, 60_000)

    it('keeps the order of calls that were not awaited, also behind those of an earlier process', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'agent-memory-order-'))
      await using proxy = await FaultProxy.before(redis)
      await proxy.refuse()
      const open = (): Promise<QuietMemory> =>
        openQuietMemory({
          connection: { url: proxy.url },
          resilience: { deadline: 100, onOutage: 'journal', journal: { directory } },
        })
      try {
        const earlier = await open()
        const journaled = await appendAtOnce(earlier, 0)
        await earlier.app.close()
        await using opened = await open()
        journaled.push(...(await appendAtOnce(opened, COUNT)))
        expect(new Set(journaled)).toEqual(new Set(['journal']))
        expect(proxy.faults.refused).toBe(1)

        await proxy.restore()
        await poll(() => opened.memory.status().journal?.entries === 0)
        const { messages } = await opened.memory.session('in-order').messages()
        expect(messages.map(({ content }) => Number(content))).toEqual(
          Array.from({ length: 2 * COUNT }, (_, index) => index),
        )
      } finally {
        await rm(directory, { recursive: true })
      }
    })
  },
  { standalone: 'it breaks one server', backend: 'binary' },
)
