import { describe, expect, it } from '@jest/globals'
import { ServerClock } from '../../../lib/redis/server-clock.js'
import { Servers } from '../../../lib/redis/servers.js'

const session = { facts: undefined, clock: new ServerClock(1_000), clientId: 1 }

describe('what is known of servers', () => {
  it('is forgotten of those that are no longer there, and of no other', () => {
    const servers = new Servers()
    servers.met('a:1', session)
    servers.met('b:1', session)
    servers.keepOnly(new Set(['b:1', 'c:1']))
    expect(['a:1', 'b:1', 'c:1'].map((node) => servers.get(node))).toEqual([undefined, session, undefined])
    expect(servers.clock('a:1')).toBeUndefined()
    expect(servers.clock('b:1')).toBe(session.clock)
  })
})
