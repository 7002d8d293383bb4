import { existsSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { poll } from '../../../lib/testing/real-redis/poll.js'
import { runTypeScript } from '../../support/run-typescript.js'

const isAlive = (processId: number): boolean => {
  try {
    process.kill(processId, 0)
    return true
  } catch {
    return false
  }
}

interface Place {
  readonly folder: string
  readonly processId: number
}

const GONE_WITHIN_MS = 10_000

/** What of a server is left when it had time to go. */
const remains = async ({ folder, processId }: Place): Promise<string[]> => {
  const look = (): string[] => [
    ...(isAlive(processId) ? ['its process'] : []),
    ...(existsSync(folder) ? ['its folder'] : []),
  ]
  await poll(async () => (look().length === 0 ? true : undefined), GONE_WITHIN_MS)
  return look()
}

describe('a redis-server started by RealRedis', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'is gone, with its folder, after %s of its owner',
    async (signal) => {
      const owner = runTypeScript('test/integration/testing/scripts/start-and-wait.ts')
      const place: Place = JSON.parse(await owner.firstLine)
      expect(isAlive(place.processId)).toBe(true)
      expect(existsSync(place.folder)).toBe(true)
      owner.child.kill(signal)
      await owner.ended
      expect(await remains(place)).toEqual([])
    },
  )

  it('is gone also when it hangs while its owner is killed', async () => {
    const owner = runTypeScript('test/integration/testing/scripts/start-and-wait.ts')
    const place: Place = JSON.parse(await owner.firstLine)
    process.kill(place.processId, 'SIGSTOP')
    owner.child.kill('SIGKILL')
    await owner.ended
    expect(await remains(place)).toEqual([])
  })

  it('does not keep its owner from ending, and is gone then', async () => {
    const owner = runTypeScript('test/integration/testing/scripts/start-and-forget.ts')
    const place: Place = JSON.parse(await owner.firstLine)
    expect(await owner.ended).toMatchObject({ code: 0 })
    expect(await remains(place)).toEqual([])
  })
})

describe('the servers of a cluster and of a Sentinel set', () => {
  it('are gone, with their folders, after SIGKILL of their owner', async () => {
    const owner = runTypeScript('test/integration/testing/scripts/start-sets-and-wait.ts')
    const places: Place[] = JSON.parse(await owner.firstLine)
    expect(places.map(({ processId }) => isAlive(processId))).toEqual([true, true, true, true])
    owner.child.kill('SIGKILL')
    await owner.ended
    expect(await Promise.all(places.map(remains))).toEqual([[], [], [], []])
  })

  it('do not keep their owner from ending, and are gone then', async () => {
    const owner = runTypeScript('test/integration/testing/scripts/start-sets-and-forget.ts')
    const places: Place[] = JSON.parse(await owner.firstLine)
    expect(await owner.ended).toMatchObject({ code: 0 })
    expect(await Promise.all(places.map(remains))).toEqual([[], [], [], []])
  })
})
