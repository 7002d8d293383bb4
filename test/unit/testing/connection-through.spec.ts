import { describe, expect, it } from '@jest/globals'
import { connectionThrough } from '../../../lib/testing/fault-proxy/connection-through.js'

const passages = [
  { server: { host: '10.0.0.1', port: 7_000 }, port: 40_000 },
  { server: { host: '10.0.0.2', port: 7_000 }, port: 40_001 },
]
const natMap = {
  '10.0.0.1:7000': { host: '127.0.0.1', port: 40_000 },
  '10.0.0.2:7000': { host: '127.0.0.1', port: 40_001 },
}

describe('the connection through proxies', () => {
  it('is the URL of the one, with the rest of it', () => {
    const connection = { url: 'redis://ada:secret@10.0.0.1:7000/3', connectionName: 'mine' }
    expect(connectionThrough(connection, passages.slice(0, 1))).toEqual({
      url: 'redis://ada:secret@127.0.0.1:40000/3',
      connectionName: 'mine',
    })
  })

  it('has the addresses of all nodes translated', () => {
    const redisOptions = { password: 'secret' }
    const nodes = [{ host: '10.0.0.1', port: 7_000 }]
    expect(connectionThrough({ cluster: { nodes, options: { redisOptions } } }, passages)).toEqual({
      cluster: {
        nodes: [
          { host: '127.0.0.1', port: 40_000 },
          { host: '127.0.0.1', port: 40_001 },
        ],
        options: { redisOptions, natMap },
      },
    })
  })

  it('asks the Sentinels themselves, and has what they answer translated', () => {
    const sentinel = { name: 'mine', sentinels: [{ host: '10.0.0.9', port: 26_379 }], password: 'secret' }
    expect(connectionThrough({ sentinel }, passages)).toEqual({ sentinel: { ...sentinel, natMap } })
  })

  it('needs to know how the servers are found', () => {
    expect(() => connectionThrough({ host: '10.0.0.1' }, passages)).toThrow(
      'FaultProxy: "connection" must have a URL, a cluster or Sentinels',
    )
  })
})
