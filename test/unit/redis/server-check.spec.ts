import { describe, expect, it } from '@jest/globals'
import { evicts, readServerFacts, refusalOf } from '../../../lib/redis/server-check.js'

const info = (lines: Record<string, string>): string =>
  `# Server\r\n${Object.entries(lines)
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('')}`

describe('the check of the server', () => {
  it.each<[Record<string, string>, string, boolean]>([
    [{ redis_version: '6.2.14' }, 'Redis 6.2.14', false],
    [{ redis_version: '7.0.0' }, 'Redis 7.0.0', true],
    [{ redis_version: '7.0.15' }, 'Redis 7.0.15', true],
    [{ redis_version: '8.0.2' }, 'Redis 8.0.2', true],
    [{ redis_version: '10.1.0' }, 'Redis 10.1.0', true],
    [{ redis_version: '7.2.4', server_name: 'valkey', valkey_version: '7.2.5' }, 'Valkey 7.2.5', false],
    [{ redis_version: '7.2.4', server_name: 'valkey', valkey_version: '8.1.1' }, 'Valkey 8.1.1', true],
  ])('knows %j', (lines, name, fit) => {
    const facts = readServerFacts(info(lines))
    expect(`${facts.product} ${facts.version}`).toBe(name)
    const refusal = refusalOf(facts, { requireNoEviction: false, asCluster: false })
    expect(refusal === undefined).toBe(fit)
    expect(refusal?.message ?? name).toContain(name)
  })

  it.each<[string | undefined, boolean]>([
    ['noeviction', false],
    ['allkeys-lru', true],
    ['volatile-ttl', true],
    [undefined, false],
  ])('knows whether %s evicts', (policy, evicting) => {
    const facts = readServerFacts(info({ redis_version: '7.0.15', ...(policy && { maxmemory_policy: policy }) }))
    expect(evicts(facts)).toBe(evicting)
    expect(refusalOf(facts, { requireNoEviction: true, asCluster: false })?.code).toBe(
      evicting ? 'CONFIG_INVALID' : undefined,
    )
    expect(refusalOf(facts, { requireNoEviction: false, asCluster: false })).toBeUndefined()
  })
})
