import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { Deadline } from '../../../lib/redis/deadline.js'
import { Overtaken, WriteOrder } from '../../../lib/session/write-order.js'

const LONG = new Deadline(10_000)

/** A write that is answered by the test. */
class Sent {
  private settle: { resolve: () => void; reject: (error: Error) => void } | undefined
  readonly promise = new Promise<void>((resolve, reject) => {
    this.settle = { resolve, reject }
  })

  constructor(readonly name: string) {}

  store(): void {
    this.settle?.resolve()
  }

  refuse(): void {
    this.settle?.reject(new Error('refused'))
  }
}

/** Writes to one session, each repeated until it is stored or overtaken. */
class Writers {
  readonly order = new WriteOrder()
  /** What is under way, in the order of sending. */
  readonly sent: Sent[] = []
  readonly stored: string[] = []
  readonly overtaken: string[] = []

  async write(name: string, alone = false, deadline = LONG): Promise<void> {
    const place = this.order.join('s', alone)
    try {
      for (;;) {
        try {
          await place.attempt(() => this.send(name), deadline)
          return
        } catch (error) {
          if (error instanceof Overtaken) this.overtaken.push(name)
          if (!(error instanceof Error) || error.message !== 'refused') return
        }
        await Promise.resolve()
      }
    } finally {
      place.leave()
    }
  }

  /** Answers the write that was sent first, as one connection does. */
  async answer(how: 'store' | 'refuse'): Promise<void> {
    const first = this.sent.shift()
    if (how === 'store' && first !== undefined) this.stored.push(first.name)
    first?.[how]()
    await turn()
  }

  private send(name: string): Promise<void> {
    const sent = new Sent(name)
    this.sent.push(sent)
    return sent.promise
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
const names = (sent: readonly Sent[]): string[] => sent.map(({ name }) => name)

describe('the writes of a process to a session', () => {
  it('go at once, the first alone, and the others together behind it', async () => {
    const writers = new Writers()
    for (const name of ['a', 'b', 'c']) void writers.write(name)
    expect(names(writers.sent)).toEqual(['a'])
    await writers.answer('store')
    expect(names(writers.sent)).toEqual(['b', 'c'])
    void writers.write('d')
    expect(names(writers.sent)).toEqual(['b', 'c', 'd'])
  })

  it('go on in their order when a connection takes several with it: one by one until one is stored', async () => {
    const writers = new Writers()
    for (const name of ['a', 'b', 'c', 'd']) void writers.write(name)
    await writers.answer('store')
    await writers.answer('refuse')
    // What was sent is waited for before anything is sent again.
    void writers.write('e')
    await turn()
    expect(names(writers.sent)).toEqual(['c', 'd'])
    await writers.answer('refuse')
    await writers.answer('refuse')
    expect(names(writers.sent)).toEqual(['b'])
    await writers.answer('store')
    expect(names(writers.sent)).toEqual(['c', 'd', 'e'])
  })

  it('are not repeated once a later one is stored', async () => {
    const writers = new Writers()
    for (const name of ['a', 'b', 'c']) void writers.write(name)
    await writers.answer('store')
    await writers.answer('refuse')
    await writers.answer('store')
    expect(writers.overtaken).toEqual(['b'])
    expect(writers.stored).toEqual(['a', 'c'])
    expect(writers.sent).toEqual([])
  })

  it('are not repeated either when that was while they waited to be', async () => {
    const order = new WriteOrder()
    const [first, second, third] = [order.join('s', false), order.join('s', false), order.join('s', false)]
    await first.attempt(() => Promise.resolve(), LONG)
    first.leave()
    const sent = new Sent('third')
    const refused = second.attempt(() => Promise.reject(new Error('refused')), LONG)
    const stored = third.attempt(() => sent.promise, LONG)
    await expect(refused).rejects.toThrow('refused')
    sent.store()
    await stored
    let repeated = 0
    const again = second.attempt(() => Promise.resolve(repeated++), LONG)
    await expect(again).rejects.toBeInstanceOf(Overtaken)
    expect(repeated).toBe(0)
  })

  it('go one by one when each rests on the one before', async () => {
    const writers = new Writers()
    for (const name of ['a', 'b', 'c']) void writers.write(name, true)
    await writers.answer('store')
    expect(names(writers.sent)).toEqual(['b'])
    await writers.answer('store')
    expect(names(writers.sent)).toEqual(['c'])
  })

  it('wait for one that goes alone, also when they would not', async () => {
    const writers = new Writers()
    for (const name of ['a', 'b']) void writers.write(name)
    void writers.write('alone', true)
    for (const name of ['c', 'd']) void writers.write(name)
    await writers.answer('store')
    await writers.answer('store')
    expect(names(writers.sent)).toEqual(['alone'])
    await writers.answer('store')
    expect(names(writers.sent)).toEqual(['c', 'd'])
  })

  it('do not wait beyond their deadline, and leave the others their turn', async () => {
    const writers = new Writers()
    void writers.write('a')
    await writers.write('b', false, new Deadline(20))
    void writers.write('c')
    expect(names(writers.sent)).toEqual(['a'])
    await writers.answer('store')
    expect(names(writers.sent)).toEqual(['c'])
  })

  it('of different sessions do not wait for each other', () => {
    const order = new WriteOrder()
    const sent: string[] = []
    for (const key of ['one', 'two']) {
      void order.join(key, false).attempt(() => {
        sent.push(key)
        return new Promise(() => undefined)
      }, LONG)
    }
    expect(sent).toEqual(['one', 'two'])
  })

  it('are stored in the order of the calls, whatever is refused, and each is stored or overtaken', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('call', 'call alone', 'store', 'store', 'refuse'), { maxLength: 60 }),
        async (steps) => {
          const writers = new Writers()
          let calls = 0
          for (const step of steps) {
            if (step === 'store' || step === 'refuse') await writers.answer(step)
            else void writers.write(`${calls++}`, step === 'call alone')
          }
          for (let left = 0; writers.sent.length > 0 && left < 200; left++) await writers.answer('store')
          const stored = writers.stored.map(Number)
          expect(stored).toEqual(stored.toSorted((one, other) => one - other))
          expect([...stored, ...writers.overtaken.map(Number)].toSorted((one, other) => one - other)).toEqual(
            Array.from({ length: calls }, (_, index) => index),
          )
        },
      ),
      { numRuns: 300 },
    )
  })
})
