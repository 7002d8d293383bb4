import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { poll } from '../../support/poll.js'
import { useMemory } from '../../support/use-memory.js'

const hello = { role: 'user', content: 'hello' } as const

describeWithRedis(
  'versions',
  (redis) => {
    const tested = useMemory(redis, { resilience: { onLoss: 'report' } })

    it('are never those of an earlier history: not after a deletion, nor on a server that comes back empty', async () => {
      const session = tested.memory.session('again')
      const seen = new Set<string>()
      let lastSeq = 0
      const write = async (): Promise<void> => {
        for (let index = 0; index < 5; index++) {
          const { version, messages } = await session.append(hello)
          expect(seen).not.toContain(version)
          seen.add(version)
          lastSeq = messages[0]!.seq
        }
      }
      await write()
      for (let round = 0; round < 3; round++) {
        const before = lastSeq
        await session.delete()
        await write()
        expect(lastSeq).toBe(before + 5)
      }
      for (let round = 0; round < 2; round++) {
        await redis.restart({ keepData: false })
        await poll(() => session.messages().catch(() => undefined))
        await expect(session.append(hello, { expectedVersion: [...seen].at(-1) })).rejects.toMatchObject({
          code: 'VERSION_MISMATCH',
        })
        await write()
      }
      expect(seen.size).toBe(30)
    }, 30_000)

    it('differ between sessions that were written alike', async () => {
      const versions = new Set<string>()
      for (let index = 0; index < 20; index++) {
        const { version } = await tested.newSession().append(hello, { operationId: 'the same' })
        versions.add(version)
      }
      expect(versions.size).toBe(20)
    })
  },
  { backend: 'binary' },
)
