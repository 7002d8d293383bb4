import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { failFastClient } from '../../support/fail-fast-client.js'
import { poll } from '../../support/poll.js'

/** What a command ended with: its answer, or what its error says. */
const outcome = (command: Promise<unknown>): Promise<unknown> => command.catch((error: Error) => error.message)

describeWithRedis(
  'the state of a server of our own',
  (redis) => {
    it('misconf(): writes answer MISCONF, reads go on', async () => {
      const client = redis.client()
      await client.set('key', 'value')
      await redis.save()
      await using fault = await redis.misconf()
      expect(await outcome(client.set('key', 'other'))).toMatch(/^MISCONF \w+ is configured to save RDB snapshots/)
      expect(await outcome(client.ping())).toMatch(/^MISCONF /)
      expect(await client.get('key')).toBe('value')
      await fault.restore()
      expect(await client.set('key', 'other')).toBe('OK')
      expect(await client.config('GET', 'save')).toEqual(['save', ''])
    })

    it('says at once that a server cannot be restarted with what it held when it cannot save', async () => {
      await using fault = await redis.misconf()
      await expect(redis.restart({ keepData: true })).rejects.toThrow('the server could not save its data and end')
      await fault.restore()
      await redis.restart({ keepData: true })
      expect(await redis.client().ping()).toBe('PONG')
    })

    it('busy(): commands answer BUSY until the script is killed', async () => {
      const client = await failFastClient(redis.url)
      await using fault = await redis.busy()
      expect(await outcome(client.get('key'))).toMatch(/^BUSY \w+ is busy running a script/)
      await fault.restore()
      await fault.restore()
      expect(await client.ping()).toBe('PONG')
      client.disconnect()
    })

    it('readOnly(): writes answer READONLY, reads go on', async () => {
      const client = redis.client()
      await client.set('key', 'value')
      await using fault = await redis.readOnly()
      expect(await outcome(client.set('key', 'other'))).toMatch(/^READONLY /)
      expect(await client.get('key')).toBe('value')
      await fault.restore()
      expect(await client.set('key', 'other')).toBe('OK')
    })

    it('readOnly({ staleReads: false }): reads answer MASTERDOWN', async () => {
      const client = redis.client()
      await client.ping()
      await using fault = await redis.readOnly({ staleReads: false })
      expect(await outcome(client.get('key'))).toMatch(/^MASTERDOWN /)
      await fault.restore()
      expect(await outcome(client.get('key'))).not.toMatch(/^MASTERDOWN /)
    })

    it('noReplicas(): writes answer NOREPLICAS, reads go on', async () => {
      const client = redis.client()
      await client.set('key', 'value')
      await using fault = await redis.noReplicas()
      expect(await outcome(client.set('key', 'other'))).toMatch(/^NOREPLICAS /)
      expect(await client.get('key')).toBe('value')
      await fault.restore()
      expect(await client.set('key', 'other')).toBe('OK')
    })

    it('maxClients(): those there are stay, one more is closed', async () => {
      const client = await failFastClient(redis.url)
      await using fault = await redis.maxClients(1)
      expect(await client.ping()).toBe('PONG')
      // The server closes the connection at once; whether the client still connects is a race.
      const late = await failFastClient(redis.url).catch(() => undefined)
      await poll(() => late === undefined || late.status === 'end')
      await fault.restore()
      const later = await failFastClient(redis.url)
      expect(await later.ping()).toBe('PONG')
      later.disconnect()
      client.disconnect()
    })

    it('scriptFlush(): EVALSHA answers NOSCRIPT', async () => {
      const client = redis.client()
      const sha = String(await client.script('LOAD', 'return 1'))
      expect(await client.evalsha(sha, 0)).toBe(1)
      await redis.scriptFlush()
      expect(await outcome(client.evalsha(sha, 0))).toMatch(/^NOSCRIPT /)
    })

    it('aclUser(): a new user may do what its rules allow, and is gone after restore()', async () => {
      await using ada = await redis.aclUser({ name: 'ada', rules: ['~*', '&*', '+@all', '-set'] })
      const client = await failFastClient(ada.url)
      expect(await client.acl('WHOAMI')).toBe('ada')
      expect(await outcome(client.set('key', 'value'))).toMatch(/^NOPERM /)
      expect(await client.incr('counter')).toBe(1)
      await ada.restore()
      await poll(() => client.status === 'end')
      expect(await redis.client().acl('USERS')).not.toContain('ada')
    })

    it('aclUser(): changes what all may who name no user, also those that are connected', async () => {
      const client = redis.client()
      await client.ping()
      await using fault = await redis.aclUser({ name: 'default', rules: ['-@all', '+get'] })
      expect(await outcome(client.incr('counter'))).toMatch(/^NOPERM /)
      await fault.restore()
      expect(typeof (await outcome(client.incr('counter')))).toBe('number')
    })

    it('rotatePassword(): an old password is not taken any more, connections there are stay', async () => {
      await using ada = await redis.aclUser({ name: 'ada', password: 'first', rules: ['~*', '+@all'] })
      const client = await failFastClient(ada.url)
      await using rotated = await redis.rotatePassword('ada', 'second')
      expect(await client.ping()).toBe('PONG')
      await expect(failFastClient(ada.url).then((late) => late.ping())).rejects.toThrow(/WRONGPASS|closed/)
      const later = await failFastClient(rotated.url)
      expect(await later.acl('WHOAMI')).toBe('ada')
      await rotated.restore()
      const back = await failFastClient(ada.url)
      expect(await back.acl('WHOAMI')).toBe('ada')
      await ada.restore()
      for (const one of [client, later, back]) one.disconnect()
    })

    it('rotatePassword(): of the default user, whom the control of the server does not need', async () => {
      const client = await failFastClient(redis.url)
      await using rotated = await redis.rotatePassword('default', 'secret')
      // Of RESP2, whose clients learn it from their first command.
      const late = await failFastClient(redis.url, { protocol: 2 })
      expect(await outcome(late.ping())).toMatch(/^NOAUTH /)
      expect(await client.ping()).toBe('PONG')
      await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      const later = await failFastClient(rotated.url)
      expect(await later.ping()).toBe('PONG')
      await rotated.restore()
      const back = await failFastClient(redis.url)
      expect(await back.ping()).toBe('PONG')
      for (const one of [client, late, later, back]) one.disconnect()
    })

    it('deleteUser(): its connections are closed, and it cannot come back until restore()', async () => {
      await using ada = await redis.aclUser({ name: 'ada', rules: ['~*', '+@all'] })
      const client = await failFastClient(ada.url)
      await using deleted = await redis.deleteUser('ada')
      await poll(() => client.status === 'end')
      await expect(failFastClient(ada.url).then((late) => late.ping())).rejects.toThrow(/WRONGPASS|closed/)
      await deleted.restore()
      const back = await failFastClient(ada.url)
      expect(await back.ping()).toBe('PONG')
      back.disconnect()
      await ada.restore()
    })

    it('names what cannot be done to a user that is not there, and not the user', async () => {
      await expect(redis.deleteUser('nobody')).rejects.toThrow(/^RealRedis\.deleteUser\(\): there is no such user$/)
      await expect(redis.rotatePassword('nobody', 'x')).rejects.toThrow(
        'RealRedis.rotatePassword(): there is no such user',
      )
    })
  },
  { standalone: 'it is about RealRedis', backend: 'binary' },
)
