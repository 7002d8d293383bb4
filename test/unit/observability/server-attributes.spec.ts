import { describe, expect, it } from '@jest/globals'
import { serverAttributes } from '../../../lib/observability/server-attributes.js'

describe('where the server is', () => {
  it.each([
    ['redis://localhost', ['localhost', 6379, '0']],
    ['redis://user:secret@db.example:6380/2', ['db.example', 6380, '2']],
    ['rediss://:secret@[::1]:6390?db=3', ['::1', 6390, '3']],
  ])('is read from a URL, without its credentials: %s', (url, [host, port, db]) => {
    const attributes = { 'server.address': host, 'server.port': port, 'db.namespace': db }
    expect(serverAttributes({ url })).toEqual(attributes)
  })

  it('is what the URL says, and then what stands beside it', () => {
    expect(serverAttributes({ url: 'redis://a:1/1', port: 2, db: 2 })).toMatchObject({
      'server.port': 1,
      'db.namespace': '1',
    })
    expect(serverAttributes({ url: 'redis://a', port: 2, db: 2 })).toMatchObject({
      'server.port': 2,
      'db.namespace': '2',
    })
  })

  it('is read from options, without their credentials', () => {
    const options = { host: 'db.example', port: 6380, username: 'user', password: 'secret' }
    expect(serverAttributes(options)).toEqual({
      'server.address': 'db.example',
      'server.port': 6380,
      'db.namespace': '0',
    })
    expect(serverAttributes({ path: '/run/redis.sock', db: 1 })).toEqual({
      'server.address': '/run/redis.sock',
      'db.namespace': '1',
    })
  })
})
