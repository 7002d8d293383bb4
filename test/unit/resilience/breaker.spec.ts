import { describe, expect, it } from '@jest/globals'
import { MemoryFullError, MemoryTimeoutError, MemoryUnavailableError, type MemoryError } from 'nestjs-agent-memory'
import { Deadline } from '../../../lib/redis/deadline.js'
import { Breaker } from '../../../lib/resilience/breaker.js'

const DETAILS = { kind: 'write', sessionId: 's', operationId: 'o' } as const
const OPEN_FOR = 20

const lost = (): MemoryError => new MemoryUnavailableError('the connection was lost', 'unknown')
const late = (): MemoryError => new MemoryTimeoutError('no answer', 'unknown')

/** A command that is answered by the test. */
class Command {
  sent = 0
  private reject: ((error: Error) => void) | undefined
  private resolve: ((value: string) => void) | undefined

  readonly run = (): Promise<string> => {
    this.sent++
    return new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  answer(): void {
    this.resolve?.('answer')
  }

  fail(error: Error): void {
    this.reject?.(error)
  }
}

/** What came of a call: its answer, or the error. */
const start = (breaker: Breaker, command: Command, deadline = new Deadline(10_000)): Promise<unknown> =>
  breaker.run(command.run, DETAILS, deadline).catch((error: unknown) => error)

const fail = async (breaker: Breaker, error: Error): Promise<unknown> => {
  const command = new Command()
  const result = start(breaker, command)
  command.fail(error)
  return result
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('the breaker', () => {
  it('opens when so many connections in a row ended, and lets one call look after a while', async () => {
    const breaker = new Breaker({ failures: 3, openFor: OPEN_FOR })
    for (let count = 0; count < 3; count++) {
      expect(breaker.state).toBe('closed')
      expect(await fail(breaker, lost())).toMatchObject({ executed: 'unknown' })
    }
    expect(breaker.state).toBe('open')
    const refused = new Command()
    expect(await start(breaker, refused)).toMatchObject({ code: 'UNAVAILABLE', executed: 'no' })
    await pause(OPEN_FOR + 5)
    const looks = new Command()
    const result = start(breaker, looks)
    expect(breaker.state).toBe('half-open')
    looks.answer()
    expect(await result).toBe('answer')
    expect([breaker.state, refused.sent, looks.sent]).toEqual(['closed', 0, 1])
  })

  it('counts what one connection took with it once, and tells each call what came of itself', async () => {
    const breaker = new Breaker({ failures: 3, openFor: OPEN_FOR })
    for (let round = 0; round < 2; round++) {
      const commands = Array.from({ length: 10 }, () => new Command())
      const results = commands.map((command) => start(breaker, command))
      const errors = commands.map(() => lost())
      for (const [index, command] of commands.entries()) command.fail(errors[index]!)
      expect(await Promise.all(results)).toEqual(errors)
    }
    expect(breaker.state).toBe('closed')
    await fail(breaker, lost())
    expect(breaker.state).toBe('open')
  })

  it('counts each call that had no answer in all of its time, and tells it so also when it opens at the first of them', async () => {
    const breaker = new Breaker({ failures: 3, openFor: OPEN_FOR })
    const over = new Deadline(0)
    const commands = Array.from({ length: 6 }, () => new Command())
    const results = commands.map((command) => start(breaker, command, over))
    for (const command of commands) {
      command.fail(late())
      await pause(1)
    }
    expect(breaker.state).toBe('open')
    for (const result of await Promise.all(results))
      expect(result).toMatchObject({ code: 'TIMEOUT', executed: 'unknown' })
  })

  it('counts anew after an answer, and does not count a refusal of a server that lives', async () => {
    const breaker = new Breaker({ failures: 2, openFor: OPEN_FOR })
    for (let round = 0; round < 3; round++) {
      await fail(breaker, lost())
      await fail(breaker, new MemoryFullError('SERVER_FULL', 'full'))
      const answered = new Command()
      const result = start(breaker, answered)
      answered.answer()
      expect(await result).toBe('answer')
    }
    expect(breaker.state).toBe('closed')
  })

  it('sends nothing of a call that gave up while another one looked, and says so', async () => {
    const breaker = new Breaker({ failures: 1, openFor: OPEN_FOR })
    await fail(breaker, lost())
    await pause(OPEN_FOR + 5)
    const looks = new Command()
    const looking = start(breaker, looks)
    const waits = new Command()
    expect(await start(breaker, waits, new Deadline(10))).toMatchObject({ code: 'TIMEOUT', executed: 'no' })
    looks.answer()
    expect(await looking).toBe('answer')
    await pause(5)
    expect(waits.sent).toBe(0)
  })

  it('closes for a new connection', async () => {
    const breaker = new Breaker({ failures: 1, openFor: 60_000 })
    await fail(breaker, lost())
    expect(breaker.state).toBe('open')
    breaker.close()
    const command = new Command()
    const result = start(breaker, command)
    command.answer()
    expect(await result).toBe('answer')
  })
})
