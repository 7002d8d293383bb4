import { describe, expect, it } from '@jest/globals'
import { parseNodes } from '../../../lib/testing/real-redis-cluster/node-view.js'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const C = 'c'.repeat(40)

describe('parseNodes', () => {
  it('reads masters, replicas, slots and what is taken for dead', () => {
    const text = [
      `${A} 127.0.0.1:21501@33945 myself,master - 0 1795381954260 7 connected 0-5460 5462 [93->-${B}]`,
      `${B} 127.0.0.1:21502@33946,,shard-id=x master,fail? - 1795381954000 1795381953000 2 disconnected`,
      `${C} 127.0.0.1:21503@33947,host slave,fail ${A} 0 1795381954463 1 connected`,
      '',
    ].join('\n')
    expect(parseNodes(text)).toEqual([
      {
        id: A,
        host: '127.0.0.1',
        port: 21_501,
        role: 'master',
        masterId: undefined,
        epoch: 7,
        slots: [
          [0, 5_460],
          [5_462, 5_462],
        ],
        failed: false,
        suspected: false,
      },
      {
        id: B,
        host: '127.0.0.1',
        port: 21_502,
        role: 'master',
        masterId: undefined,
        epoch: 2,
        slots: [],
        failed: false,
        suspected: true,
      },
      {
        id: C,
        host: '127.0.0.1',
        port: 21_503,
        role: 'replica',
        masterId: A,
        epoch: 1,
        slots: [],
        failed: true,
        suspected: false,
      },
    ])
  })

  it('leaves out what is no node yet, or has no address', () => {
    const text = [
      `${A} 127.0.0.1:21501@33945 handshake - 1795381954000 0 0 disconnected`,
      `${B} :0@0 master,noaddr - 0 0 2 disconnected 0-16383`,
    ].join('\n')
    expect(parseNodes(text)).toEqual([])
  })
})
