import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { DEFAULT_REDIS_IMAGE, readRedisEnvironment } from '../../../lib/testing/real-redis/environment.js'

describe('readRedisEnvironment', () => {
  it('takes the pinned official image and asks for no backend where nothing is set', () => {
    expect(readRedisEnvironment({})).toEqual({
      url: undefined,
      image: DEFAULT_REDIS_IMAGE,
      binary: undefined,
      backend: undefined,
    })
    expect(DEFAULT_REDIS_IMAGE).toMatch(/^redis:\d+\.\d+\.\d+-alpine$/)
  })

  it('takes a variable that is empty for one that is not set', () => {
    const environment = { AGENT_MEMORY_TEST_REDIS_URL: '', AGENT_MEMORY_TEST_BACKEND: ' ' }
    expect(readRedisEnvironment(environment)).toMatchObject({ url: undefined, backend: undefined })
  })

  it.each(['url', 'docker', 'binary'] as const)('knows the backend %s', (backend) => {
    expect(readRedisEnvironment({ AGENT_MEMORY_TEST_BACKEND: backend }).backend).toBe(backend)
  })

  it('refuses an unknown backend and lists the known ones', () => {
    expect(() => readRedisEnvironment({ AGENT_MEMORY_TEST_BACKEND: 'podman' })).toThrow(
      'AGENT_MEMORY_TEST_BACKEND must be one of url, docker, binary',
    )
  })

  it.each(['redis', 'redis:latest', 'registry.test:5000/redis'])('refuses %s, an image without a version', (image) => {
    expect(() => readRedisEnvironment({ AGENT_MEMORY_TEST_REDIS_IMAGE: image })).toThrow('must name a version')
  })

  it.each(['valkey/valkey:8.1.1-alpine', 'registry.test:5000/redis:7.4.2', 'redis@sha256:00ff'])(
    'takes %s',
    (image) => {
      expect(readRedisEnvironment({ AGENT_MEMORY_TEST_REDIS_IMAGE: image }).image).toBe(image)
    },
  )
})

describe('scripts/ensure-redis.mjs', () => {
  it('looks for the image that the test kit takes', () => {
    expect(readFileSync('scripts/ensure-redis.mjs', 'utf8')).toContain(`DEFAULT_IMAGE = '${DEFAULT_REDIS_IMAGE}'`)
  })
})
