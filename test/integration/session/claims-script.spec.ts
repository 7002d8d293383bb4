import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Cluster, Redis } from 'ioredis'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { claimScript } from '../../../lib/redis/scripts/scripts.generated.js'
import { poll } from '../../support/poll.js'

const newKey = (): string => `am:{claims:${randomUUID()}}:claim:x`
/** What the append of a turn is known by: the hash of its id, and of what the user said. */
const code = (said: string): string => '0123456789abcdef' + said.repeat(8)
const [AA, BB, CC] = ['aa', 'bb', 'cc'].map(code) as [string, string, string]
const sessionOf = (key: string): string => key.slice(0, -':claim:x'.length)

describeWithRedis('the script of a claim', (redis) => {
  let client: Redis | Cluster
  beforeAll(() => {
    client = redis.client()
  })
  afterAll(() => client.disconnect())
  const run = async (
    key: string,
    how: string,
    token: string,
    ms: number,
    payload = '',
    ...digests: readonly string[]
  ): Promise<unknown> => {
    const session = sessionOf(key)
    const keys = [key, session, `${session}:summary`]
    return client.eval(claimScript.source, keys.length, ...keys, how, token, ms, payload, '', '', '', ...digests)
  }
  const ask = (key: string, token: string, ...digests: string[]): Promise<unknown> =>
    run(key, 'claim', token, 5_000, `sealed by ${token}`, ...(digests.length === 0 ? [AA] : digests))
  const answer = (key: string, token: string, payload: string, ...digests: string[]): Promise<unknown> =>
    run(key, 'answer', token, 9_000, payload, ...(digests.length === 0 ? [AA] : digests))

  it('grants it to one token, again and again, with its lease from then on', async () => {
    const key = newKey()
    expect(await ask(key, 'mine')).toEqual(['CLAIMED'])
    await poll(async () => (await client.pttl(key)) < 4_600)
    const [word, ms] = (await ask(key, 'theirs')) as [string, string]
    expect(word).toBe('WAIT')
    expect(Number(ms)).toBeGreaterThan(0)
    expect(Number(ms)).toBeLessThan(4_600)
    expect(await ask(key, 'mine')).toEqual(['CLAIMED'])
    expect(await client.pttl(key)).toBeGreaterThan(4_600)
  })

  it('renews and releases it for its token alone', async () => {
    const key = newKey()
    await ask(key, 'mine')
    expect(await run(key, 'renew', 'theirs', 60_000)).toEqual(['LOST'])
    expect(await run(key, 'release', 'theirs', 0)).toEqual(['LOST'])
    expect(await client.pttl(key)).toBeLessThanOrEqual(5_000)
    expect(await run(key, 'renew', 'mine', 60_000)).toEqual(['HELD'])
    expect(await client.pttl(key)).toBeGreaterThan(50_000)
    expect(await run(key, 'release', 'mine', 0)).toEqual(['RELEASED'])
    // A renewal that comes late does not bring it back.
    expect(await run(key, 'renew', 'mine', 60_000)).toEqual(['LOST'])
    expect(await client.exists(key)).toBe(0)
  })

  it('an answer has its own time, is no claim any more, and the first one stands', async () => {
    const key = newKey()
    await ask(key, 'mine')
    const payload = '"a b\nc"'
    expect(await answer(key, 'mine', payload)).toEqual(['ANSWERED'])
    expect(await client.pttl(key)).toBeGreaterThan(8_000)
    expect(await run(key, 'renew', 'mine', 60_000)).toEqual(['LOST'])
    expect(await run(key, 'release', 'mine', 0)).toEqual(['LOST'])
    expect(await answer(key, 'mine', payload)).toEqual(['STANDING', expect.any(String), AA, payload])
    expect(await answer(key, 'theirs', 'other')).toEqual(['STANDING', expect.any(String), AA, payload])
    for (const token of ['mine', 'theirs']) {
      const [word, ago, ...rest] = (await ask(key, token)) as string[]
      expect([word, ...rest]).toEqual(['ANSWERED', AA, payload])
      expect(Number(ago)).toBeGreaterThanOrEqual(0)
    }
    await poll(async () => Number(((await ask(key, 'late')) as string[])[1]) > 20)
    expect(await client.pttl(key)).toBeLessThanOrEqual(9_000)
  })

  it('an answer is taken from who has lost the claim, also when nobody has it', async () => {
    const [taken, nobodys] = [newKey(), newKey()]
    await ask(taken, 'theirs')
    for (const key of [taken, nobodys]) {
      expect(await answer(key, 'mine', 'x')).toEqual(['LATE'])
      expect((await ask(key, 'late')) as string[]).toEqual(['ANSWERED', expect.any(String), AA, 'x'])
    }
    expect(await run(taken, 'renew', 'theirs', 5_000)).toEqual(['LOST'])
  })

  it('knows a claim by each of the digests, and writes the first', async () => {
    const key = newKey()
    await ask(key, 'mine', BB)
    expect(await ask(key, 'theirs', CC, AA)).toEqual(['REUSED', 'sealed by mine'])
    expect(await answer(key, 'theirs', 'x', CC, AA)).toEqual(['REUSED', 'sealed by mine'])
    expect(await ask(key, 'theirs', AA, BB)).toMatchObject(['WAIT', expect.any(String)])
    const long = 'y'.repeat(500)
    expect(await answer(key, 'theirs', long, AA, BB)).toEqual(['LATE'])
    expect(await client.get(key)).toMatch(new RegExp(`^a \\d+ ${AA} y{500}$`))
    expect(await ask(key, 'mine', BB)).toEqual(['REUSED', long.slice(0, 80)])
  })

  it('leaves what it does not know', async () => {
    const key = newKey()
    await client.set(key, 'something else', 'PX', 60_000)
    expect(await ask(key, 'mine')).toEqual(['UNKNOWN'])
    expect(await answer(key, 'mine', 'x')).toEqual(['UNKNOWN'])
    expect(await run(key, 'renew', 'mine', 1)).toEqual(['LOST'])
    expect(await run(key, 'release', 'mine', 0)).toEqual(['LOST'])
    expect(await client.get(key)).toBe('something else')
  })
})
