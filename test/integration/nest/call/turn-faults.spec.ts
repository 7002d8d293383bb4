import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { INestApplicationContext } from '@nestjs/common'
import type { Cluster, Redis } from 'ioredis'
import { MemoryModule } from 'nestjs-agent-memory'
import {
  createMemoryTestingModule,
  describeWithRedis,
  type FaultAction,
  type MemoryTestingModule,
} from 'nestjs-agent-memory/testing'
import { NEVER, of } from 'rxjs'
import { appendScript, claimScript } from '../../../../lib/redis/scripts/scripts.generated.js'
import { turnOperationId } from '../../../../lib/session/claim/turn-operation.js'
import type { TurnSession } from '../../../../lib/session/turn-session.interface.js'
import { keysOf } from '../../../support/on-each-master.js'
import { poll } from '../../../support/poll.js'
import { reachesAll } from '../../../support/reaches-all.js'
import { succeeds } from '../../../support/succeeds.js'
import { useTurnsApp, type Sent, type TurnsApp } from './turns-app.js'

const isClaim =
  (how: string) =>
  ([sha, , , , , called]: readonly string[]): boolean =>
    sha === claimScript.sha1 && called === how
const isAppend = ([sha]: readonly string[]): boolean => sha === appendScript.sha1

/** As a client does: with the same key, until it is answered. */
const untilAnswered = async (app: TurnsApp, path: string, message: string, key: string): Promise<Sent[]> => {
  const answers: Sent[] = []
  await poll(async () => {
    answers.push(await app.post(path, message, key))
    return answers.at(-1)?.status === 200
  })
  return answers
}

const resilience = { deadline: '400ms', retry: { attempts: 1 } } as const

describeWithRedis('turns that Redis fails', (redis) => {
  describe('with a client that tries again under the same key', () => {
    const app = useTurnsApp(redis, 'express', { resilience })

    const places: readonly [string, (args: readonly string[]) => boolean, number][] = [
      ['before the claim', isClaim('claim'), 1],
      ['before the answer stands', isClaim('answer'), 2],
      ['between the answer and the append', isAppend, 1],
    ]
    const actions: readonly FaultAction[] = ['cut-before', 'drop-reply', 'tear-reply', 'tear-request']
    it.each(places.flatMap(([place, when, most]) => actions.map((action) => [place, action, when, most] as const)))(
      'are one, when it fails %s: %s',
      async (_place, action, when, most) => {
        const key = randomUUID()
        const fault = app.proxy.on({ command: 'EVALSHA', when, times: 2 }, action)
        const answers = await untilAnswered(app, 'texts', 'hello', key)
        expect(fault.hits).toBe(2)
        expect(answers.length).toBeGreaterThan(1)
        expect(answers.slice(0, -1).every(({ status }) => status === 503 || status === 504)).toBe(true)
        expect(answers.at(-1)?.text).toBe('re: hello')
        expect((await app.post('texts', 'hello', key)).text).toBe('re: hello')
        expect(app.model.asked.length).toBeLessThanOrEqual(most)
        expect(await app.said()).toEqual([
          ['user', 'hello'],
          ['assistant', 're: hello'],
        ])
      },
    )

    it('are one, when it hangs while the handler runs', async () => {
      const key = randomUUID()
      let calls = 0
      app.model.answer = () => {
        calls += 1
        if (calls === 1) app.proxy.blackhole()
        return `answer ${calls}`
      }
      const first = await app.post('texts', 'hello', key)
      expect([503, 504]).toContain(first.status)
      await app.proxy.restore({ ghosts: true })
      const answers = await untilAnswered(app, 'texts', 'hello', key)
      const [, [, kept]] = (await app.said()) as [unknown, [string, string]]
      expect(answers.at(-1)?.text).toBe(kept)
      expect(await app.said()).toHaveLength(2)
    })

    it('are not begun when it does not answer', async () => {
      await app.proxy.refuse()
      app.proxy.cut()
      expect((await app.post('texts', 'hello', randomUUID())).status).toBe(503)
      expect(app.model.asked).toEqual([])
    })

    it('are told of, when there is no key', async () => {
      app.proxy.on({ command: 'EVALSHA', when: isAppend, times: 5 }, 'cut-before')
      expect((await app.post('texts', 'secret')).status).toBe(503)
      expect(await app.said()).toEqual([])
      expect(app.logger.lines.map(({ whole }) => whole).join('\n')).not.toContain('secret')
    })

    describe('give way to the answer that came first', () => {
      let client: Redis | Cluster
      let other: MemoryTestingModule<INestApplicationContext>
      beforeAll(async () => {
        client = redis.client()
        other = await createMemoryTestingModule({
          redis,
          namespace: app.tested.namespace,
          cleanUp: false,
          imports: [MemoryModule.forRoot({ connection: redis.connection })],
          createApplication: (module) => module,
        })
      })
      afterAll(async () => {
        client.disconnect()
        await other.close()
      })
      const endClaim = async (): Promise<void> => {
        const [found] = await keysOf(redis, `*${app.tested.namespace}*${app.id}*:claim:*`)
        expect(await client.unlink(found!)).toBe(1)
      }
      /** As when this process has hung for so long that another has taken the turn over. */
      const takeOver = async (key: string): Promise<TurnSession> => {
        await endClaim()
        const session = other.memory.session(app.id) as TurnSession
        const taken = await session.claimTurn({ role: 'user', content: 'hello' }, { key, wait: 0, keepFor: 60_000 })
        if (taken.state !== 'claimed') throw new Error('not claimed')
        const messages = [{ role: 'assistant', content: 'early' }]
        await taken.claim.answer({ messages, values: ['early'], form: { kind: 'values' } })
        return session
      }
      const kept = [
        ['user', 'hello'],
        ['assistant', 'early'],
      ]

      it('of a value', async () => {
        const key = randomUUID()
        app.model.answer = async () => {
          await takeOver(key)
          return 'late'
        }
        const answer = await app.post('texts', 'hello', key)
        expect([answer.status, answer.text, answer.headers.get('idempotency-replayed')]).toEqual([200, 'early', 'true'])
        expect(await app.said()).toEqual(kept)
      })

      it('of a stream, which breaks off: who comes again gets what stands', async () => {
        const key = randomUUID()
        app.model.answer = async function* () {
          yield 'la'
          await takeOver(key)
          yield 'te'
        }
        await expect(app.post('texts', 'hello', key)).rejects.toThrow('terminated')
        expect(await app.said()).toEqual(kept)
        expect(await app.post('texts', 'hello', key)).toMatchObject({ status: 200, text: 'early' })
      })

      const turn = [
        { role: 'user', content: 'hello' },
        { role: 'assistant', content: 'early' },
      ] as const
      const append = (session: TurnSession, key: string): Promise<unknown> =>
        session.appendTurn(turn, {
          operationId: turnOperationId(undefined, key),
          fence: undefined,
          isRepeatable: true,
        })

      it('once, also when so much was said since that the session has forgotten the turn', async () => {
        const key = randomUUID()
        app.model.answer = async () => {
          const session = await takeOver(key)
          await append(session, key)
          for (let count = 0; count < 160; count += 1) await session.append({ role: 'user', content: `later ${count}` })
          return 'late'
        }
        expect(await app.post('texts', 'hello', key)).toMatchObject({ status: 200, text: 'early' })
        expect(await app.said()).toHaveLength(162)
      })

      it.each([
        ['kept', 409, 'OPERATION_FORGOTTEN'],
        ['deleted', 410, 'SESSION_DELETED'],
      ])('also when that is no longer known, and its turn was %s', async (how, status, code) => {
        const key = randomUUID()
        app.model.answer = async () => {
          const session = await takeOver(key)
          await append(session, key)
          if (how === 'deleted') await session.delete()
          await endClaim()
          return 'late'
        }
        for (let time = 0; time < 2; time += 1) {
          const refused = await app.post('texts', 'hello', key)
          expect([refused.status, JSON.parse(refused.text).code]).toEqual([status, code])
        }
        expect(app.model.asked).toHaveLength(1)
        expect(await app.said()).toEqual(how === 'deleted' ? [] : kept)
      })
    })
  })

  describe('under a lock', () => {
    const app = useTurnsApp(redis, 'express', { resilience })

    it('leave the claim to the next call when the lock cannot be had', async () => {
      const key = randomUUID()
      const held = app.tested.memory.session(app.id).withLock(async () => {
        const refused = await app.post('locked', 'hello', key)
        expect([refused.status, JSON.parse(refused.text).code]).toEqual([423, 'LOCKED'])
      })
      await held
      expect(app.model.asked).toEqual([])
      expect((await app.post('locked', 'hello', key)).text).toBe('re: hello')
      expect(app.model.asked).toEqual(['hello'])
      expect(await app.said()).toHaveLength(2)
    })

    it.each([undefined, randomUUID()])('are not kept when it was lost while the handler ran (key: %s)', async (key) => {
      let calls = 0
      app.model.answer = async () => {
        calls += 1
        if (calls > 1) return 'answer'
        app.proxy.blackhole()
        const { signal } = app.model.locks[0]!
        await poll(() => signal.aborted)
        await app.proxy.restore()
        await poll(() => reachesAll(app.tested.memory))
        return 'stale'
      }
      const refused = await app.post('locked', 'hello', key)
      expect([refused.status, JSON.parse(refused.text).code]).toEqual([409, 'LOCK_LOST'])
      expect(await app.said()).toEqual([])
      await untilAnswered(app, 'locked', 'hello', key ?? randomUUID())
      expect(await app.said()).toEqual([
        ['user', 'hello'],
        ['assistant', 'answer'],
      ])
    })

    it('are kept before it is let go', async () => {
      const order: string[] = []
      app.model.answer = async (message) => {
        order.push(`${message} begins`)
        await delay(20)
        order.push(`${message} ends`)
        return `re: ${message}`
      }
      await Promise.all(['a', 'b', 'c'].map((message) => untilAnswered(app, 'locked', message, randomUUID())))
      expect(order).toHaveLength(6)
      const begun = order.filter((_line, index) => index % 2 === 0)
      expect(order).toEqual(begun.flatMap((line) => [line, line.replace('begins', 'ends')]))
      const roles = (await app.said()).map(([role]) => role)
      expect(roles).toEqual(['user', 'assistant', 'user', 'assistant', 'user', 'assistant'])
    })
  })

  describe('with a journal', () => {
    const directory = mkdtempSync(join(tmpdir(), 'agent-memory-journal-'))
    afterAll(() => rmSync(directory, { recursive: true }))
    const app = useTurnsApp(redis, 'express', {
      resilience: { ...resilience, onOutage: 'journal', journal: { directory } },
    })
    const away = async (): Promise<void> => {
      await app.proxy.refuse()
      app.proxy.cut()
      await poll(async () => !(await succeeds(app.tested.memory.session('there').info())))
    }
    const back = async (): Promise<void> => {
      await app.proxy.restore()
      await poll(() => app.tested.memory.status().journal?.entries === 0)
    }

    /** As their leases do. */
    const endClaims = async (): Promise<void> => {
      const client = redis.client()
      const keys = await keysOf(redis, `*${app.tested.namespace}*${app.id}*:claim:*`)
      expect(await client.unlink(...keys)).toBe(1)
      client.disconnect()
    }

    it.each([undefined, randomUUID()])('are answered while Redis is away, and stored later (key: %s)', async (key) => {
      await away()
      expect(await app.post('texts', 'hello', key)).toMatchObject({ status: 200, text: 're: hello' })
      expect(app.tested.memory.status().journal?.entries).toBe(1)
      await back()
      expect(await app.said()).toEqual([
        ['user', 'hello'],
        ['assistant', 're: hello'],
      ])
    })

    it('are stored once for one key, sent while Redis is away and when it is back', async () => {
      const key = randomUUID()
      let calls = 0
      app.model.answer = () => `answer ${(calls += 1)}`
      await away()
      expect((await app.post('texts', 'hello', key)).status).toBe(200)
      expect((await app.post('texts', 'hello', key)).status).toBe(200)
      // The turn is made before anybody is let into another one, also when nothing has replayed it yet.
      await app.proxy.restore()
      const late = await poll(async () => {
        const sent = await app.post('texts', 'hello', key)
        return sent.status === 200 ? undefined : sent
      })
      expect([late.status, JSON.parse(late.text).code]).toEqual([409, 'OPERATION_FORGOTTEN'])
      expect(await app.said()).toEqual([
        ['user', 'hello'],
        ['assistant', 'answer 1'],
      ])
    })

    it('are stored once when Redis goes while the handler runs', async () => {
      const key = randomUUID()
      app.model.answer = async () => {
        await away()
        return 'answer'
      }
      expect((await app.post('texts', 'hello', key)).text).toBe('answer')
      await back()
      await endClaims()
      app.model.asked.length = 0
      const late = await app.post('texts', 'hello', key)
      expect([late.status, JSON.parse(late.text).code]).toEqual([409, 'OPERATION_FORGOTTEN'])
      expect(app.model.asked).toEqual([])
      expect(await app.said()).toEqual([
        ['user', 'hello'],
        ['assistant', 'answer'],
      ])
    })

    it('are left to the next call when their client goes before there is an answer', async () => {
      const key = randomUUID()
      app.model.answer = () => NEVER
      await away()
      const controller = new AbortController()
      void app.get('events?message=hi', key, controller.signal).catch(() => undefined)
      await poll(() => app.model.asked.length === 1)
      controller.abort()
      await poll(() => app.tested.memory.status().journal?.entries === 1)
      await back()
      app.model.answer = () => of({ data: 'whole' })
      expect(await (await app.get('events?message=hi', key)).text()).toContain('data: whole')
      expect(await app.said()).toEqual([
        ['user', 'hi', { interrupted: true }],
        ['user', 'hi'],
        ['assistant', 'whole'],
      ])
    })

    it('are refused under a lock, which nobody can promise then', async () => {
      await away()
      expect((await app.post('locked', 'hello', randomUUID())).status).toBe(503)
      expect(app.model.asked).toEqual([])
    })
  })
})
