import { describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { runTypeScript } from '../../support/run-typescript.js'

const ownServer = {
  AGENT_MEMORY_TEST_BACKEND: 'binary',
  AGENT_MEMORY_TEST_ANNOUNCED: '',
  AGENT_MEMORY_TEST_TOPOLOGY: '',
}

const runWith = async (use: (client: Redis) => Promise<unknown>) => {
  const run = runTypeScript('test/support/shared-redis.ts', ownServer)
  const { AGENT_MEMORY_TEST_REDIS_URL }: Record<string, string> = JSON.parse(await run.firstLine)
  const client = new Redis(AGENT_MEMORY_TEST_REDIS_URL ?? '')
  await use(client)
  client.disconnect()
  run.child.stdin.end()
  return await run.ended
}

describe('the Redis of a test run', () => {
  it('says once what it is, and ends well when every key has a TTL', async () => {
    const { code, stderr } = await runWith((client) => client.set('am:{x:~:s:1}', '', 'EX', 60))
    expect(code).toBe(0)
    expect(stderr).toMatch(/^nestjs-agent-memory\/testing: \w+ [\d.]+ \(backend: binary\)\n$/)
  })

  it('fails the run and names the key that lives for ever', async () => {
    const { code, stderr } = await runWith((client) => client.set('am:{x:~:s:1}', ''))
    expect(code).toBe(1)
    expect(stderr).toContain('1 of 1 keys have no TTL:\n  am:{x:~:s:1}')
  })
})
