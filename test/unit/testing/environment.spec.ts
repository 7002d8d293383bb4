import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { readRedisEnvironment } from '../../../lib/testing/real-redis/environment.js'
import { parseServerInfo } from '../../../lib/testing/real-redis/server-info.js'
import { releaseOf, requireVersion } from '../../../lib/testing/real-redis/server-version.js'

const VERSIONS = ['7', '8', 'valkey8'] as const

describe('readRedisEnvironment', () => {
  it('takes the pinned official image and asks for no backend where nothing is set', () => {
    expect(readRedisEnvironment({}, {})).toEqual({
      url: undefined,
      image: releaseOf('7').image,
      binary: undefined,
      backend: undefined,
      version: undefined,
    })
  })

  it('takes a variable that is empty for one that is not set', () => {
    const environment = { AGENT_MEMORY_TEST_REDIS_URL: '', AGENT_MEMORY_TEST_BACKEND: ' ' }
    expect(readRedisEnvironment({}, environment)).toMatchObject({ url: undefined, backend: undefined })
  })

  it.each(['url', 'docker', 'binary'] as const)('knows the backend %s', (backend) => {
    expect(readRedisEnvironment({}, { AGENT_MEMORY_TEST_BACKEND: backend }).backend).toBe(backend)
  })

  it('refuses an unknown backend and lists the known ones', () => {
    expect(() => readRedisEnvironment({}, { AGENT_MEMORY_TEST_BACKEND: 'podman' })).toThrow(
      'AGENT_MEMORY_TEST_BACKEND must be one of url, docker, binary',
    )
  })

  it.each(['redis', 'redis:latest', 'registry.test:5000/redis'])('refuses %s, an image without a version', (image) => {
    expect(() => readRedisEnvironment({}, { AGENT_MEMORY_TEST_REDIS_IMAGE: image })).toThrow('must name a version')
  })

  it.each(['valkey/valkey:8.1.1-alpine', 'registry.test:5000/redis:7.4.2', 'redis@sha256:00ff'])(
    'takes %s',
    (image) => {
      expect(readRedisEnvironment({}, { AGENT_MEMORY_TEST_REDIS_IMAGE: image }).image).toBe(image)
    },
  )
})

describe('the version of a server', () => {
  it.each([
    ['7', /^redis:7\.\d+\.\d+-alpine$/],
    ['8', /^redis:8\.\d+\.\d+-alpine$/],
    ['valkey8', /^valkey\/valkey:8\.\d+\.\d+-alpine$/],
  ] as const)('%s is that of a pinned official image', (version, image) => {
    expect(readRedisEnvironment({ version }, {})).toMatchObject({ version, image: expect.stringMatching(image) })
    expect(readRedisEnvironment({}, { AGENT_MEMORY_TEST_REDIS_VERSION: version })).toMatchObject({
      version,
      image: expect.stringMatching(image),
    })
  })

  it('is the one asked for, before the one in the environment', () => {
    expect(readRedisEnvironment({ version: '8' }, { AGENT_MEMORY_TEST_REDIS_VERSION: '7' }).version).toBe('8')
  })

  it('does not change an image that is named', () => {
    const environment = { AGENT_MEMORY_TEST_REDIS_IMAGE: 'registry.test:5000/redis:1.2.3' }
    expect(readRedisEnvironment({ version: '8' }, environment).image).toBe('registry.test:5000/redis:1.2.3')
  })

  it('must be known', () => {
    expect(() => readRedisEnvironment({}, { AGENT_MEMORY_TEST_REDIS_VERSION: '9' })).toThrow(
      'AGENT_MEMORY_TEST_REDIS_VERSION must be one of 7, 8, valkey8',
    )
    expect(() => readRedisEnvironment(JSON.parse('{ "version": "toString" }'), {})).toThrow(
      '"version" must be one of 7, 8, valkey8',
    )
  })

  it.each([
    ['7', 'redis_version:7.0.15'],
    ['7', 'redis_version:7.4.2'],
    ['8', 'redis_version:8.0.2'],
    ['valkey8', 'redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1'],
  ] as const)('%s is what a server of it says', (version, info) => {
    expect(() => requireVersion('RealRedis', version, parseServerInfo(info))).not.toThrow()
    expect(() => requireVersion('RealRedis', undefined, parseServerInfo(info))).not.toThrow()
  })

  it.each([
    ['8', 'redis_version:7.4.2', 'Redis 8 is asked for, and the server says that it is redis 7.4.2'],
    ['8', 'redis_version:80.0.0', 'Redis 8 is asked for, and the server says that it is redis 80.0.0'],
    [
      '8',
      'redis_version:7.2.4\r\nvalkey_version:8.1.1',
      'Redis 8 is asked for, and the server says that it is valkey 8.1.1',
    ],
    [
      '7',
      'redis_version:7.2.4\r\nvalkey_version:8.1.1',
      'Redis 7 is asked for, and the server says that it is valkey 8.1.1',
    ],
    ['valkey8', 'redis_version:8.0.2', 'Valkey 8 is asked for, and the server says that it is redis 8.0.2'],
  ] as const)('%s is not what another server says: %j', (version, info, message) => {
    expect(() => requireVersion('RealRedis', version, parseServerInfo(info))).toThrow(`RealRedis: ${message}`)
  })
})

describe('scripts/ensure-redis.mjs', () => {
  it('looks for the servers that the test kit takes', () => {
    const script = readFileSync('scripts/servers/settings.mjs', 'utf8')
    for (const version of VERSIONS) {
      const { label, program, image, says } = releaseOf(version)
      for (const text of [`'${label}'`, `'${program}'`, `'${image}'`, String(says)]) expect(script).toContain(text)
    }
  })
})
