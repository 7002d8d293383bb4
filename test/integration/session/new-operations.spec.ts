import { randomBytes } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { appendScript } from '../../../lib/redis/scripts/scripts.generated.js'
import { useFaultyMemory } from '../../support/use-faulty-memory.js'
import { useMemory } from '../../support/use-memory.js'
import { watchCommands } from '../../support/watch-commands.js'
import { poll } from '../../support/poll.js'

const hello = { role: 'user', content: 'hello' } as const
const HOUR = 3_600_000
/** Operations in a block, and in all of them at the least. */
const BLOCK = 19
const REMEMBERED = 134
/** Where ARGV[9] stands in an EVALSHA of a write on one key. */
const AGE = 12

type Reply = readonly [status: string, version: string, life: string, first: number]

const newOperation = (): string => randomBytes(16).toString('hex')
/** As the next write is told of the session. */
const knownBy = ([, version, life]: Reply): string => `${version} ${life.split(' ', 2).join(' ')}`
const argumentsOf = (operation: string, age: 'new' | '', known: string): (string | number)[] => {
  const common = [HOUR, HOUR, operation, '', '', '-', '', '', age, '', known]
  return [...common, 1_000, 1_000_000, 'trim', '', '1u1', '["hello"]']
}

describeWithRedis('an operation of which no attempt was made when its caller was told of the session', (redis) => {
  const tested = useMemory(redis)
  let keys = 0

  const newSession = () => {
    const key = tested.keyOf({ id: `scripted-${++keys}`, tenant: undefined })
    const send = async (operation: string, age: 'new' | '', known: string): Promise<Reply> =>
      (await tested.redis.eval(appendScript.source, 1, key, ...argumentsOf(operation, age, known))) as Reply
    const write = async (times: number): Promise<Reply> => {
      let reply: Reply
      do reply = await send(newOperation(), '', '')
      while (--times > 0)
      return reply
    }
    return { key, send, write }
  }

  it('is executed once when its command comes twice, at once or later, wherever in a block it stands', async () => {
    const { send, write } = newSession()
    let last = await write(1)
    for (let round = 0; round < 45; round++) {
      const [operation, known] = [newOperation(), knownBy(last)]
      const made = await send(operation, 'new', known)
      expect(made[0]).toBe('STORED')
      const [, version, , first] = made
      const again = ['DUPLICATE', version, '', first]
      expect((await send(operation, 'new', known)).slice(0, 4)).toEqual(again)
      last = await write(1 + (round % (2 * BLOCK + 3)))
      expect((await send(operation, 'new', known)).slice(0, 4)).toEqual(again)
    }
  })

  it('is executed once behind what others have written since, and remembered where it belongs', async () => {
    for (const others of [1, 5, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, REMEMBERED + 20]) {
      const { key, send, write } = newSession()
      const known = knownBy(await write(4))
      await write(others)
      const operation = newOperation()
      const [status, version, , first] = await send(operation, 'new', known)
      expect(status).toBe('STORED')
      const again = ['DUPLICATE', version, '', first]
      expect((await send(operation, 'new', known)).slice(0, 4)).toEqual(again)
      const blocks = await tested.redis.hmgetBuffer(key, ...Array.from({ length: 8 }, (_, slot) => `o${slot}`))
      const counters = blocks.flatMap((block) => {
        const entries = block === null ? 0 : (block.length - 6) / 30
        return Array.from({ length: entries }, (_, entry) => block!.readUInt32BE(6 + 30 * entry + 20))
      })
      const newest = others + 5
      const oldest = Math.max(1, newest - counters.length + 1)
      expect(counters.toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: counters.length }, (_, index) => oldest + index),
      )
      expect(counters.length).toBeGreaterThanOrEqual(Math.min(newest, REMEMBERED))
      await write(2 * BLOCK)
      expect((await send(operation, 'new', known)).slice(0, 4)).toEqual(again)
    }
  })

  it('is looked for everywhere when nothing is known of the session, or another one of its id', async () => {
    const { send, write } = newSession()
    const known = knownBy(await write(1))
    const operation = newOperation()
    await send(operation, 'new', known)
    const [, version] = await write(3 * BLOCK)
    const [, created, expires] = known.split(' ')
    const earlier = Number(created) - HOUR
    for (const other of ['', `${version} ${earlier} ${earlier + 1}`, `99-0123456789ab ${created} ${expires}`]) {
      expect((await send(operation, 'new', other)).slice(0, 4)).toEqual(['DUPLICATE', expect.any(String), '', 2])
    }
  })

  it('is not one whose id was given by the caller, however much the caller knows', async () => {
    const { send, write } = newSession()
    const operation = newOperation()
    await write(1)
    const made = await send(operation, '', '')
    const last = await write(REMEMBERED - 1)
    expect((await send(operation, '', knownBy(last))).slice(0, 2)).toEqual(['DUPLICATE', made[1]])
  })
})

describeWithRedis('a write', (redis) => {
  const tested = useFaultyMemory(redis)

  it('calls itself new when its id was made for it, and no attempt of it was left unanswered', async () => {
    const session = tested.memory.session('said')
    await session.append(hello)
    const watch = await watchCommands(redis)
    await session.append(hello)
    await session.append(hello, { operationId: 'given' })
    await session.state.set({ a: 1 })
    await session.state.set({ a: 2 }, { operationId: 'also given' })
    const lost = tested.proxy.on({ command: 'EVALSHA', nth: 1 }, 'drop-reply')
    await session.append(hello)
    expect(lost.hits).toBe(1)
    await tested.redis.publish('said', 'all was sent')
    await poll(() => watch.lines.some((line) => line.includes('all was sent')))
    watch.stop()
    const ages = watch.lines
      .map((line) => [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, arg]) => arg))
      .filter(([command, , , key]) => /^evalsha$/i.test(command!) && key === tested.keyOf('said'))
      .map((args) => args[AGE])
    expect(ages).toEqual(['new', '', 'new', '', 'new', expect.stringMatching(/^\d+ \d+$/)])
  })
})
