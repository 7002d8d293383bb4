import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { INestMicroservice } from '@nestjs/common'
import type { ClientProxy, MicroserviceOptions } from '@nestjs/microservices'
import type { Message } from 'nestjs-agent-memory'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { catchError, firstValueFrom, lastValueFrom, of, toArray } from 'rxjs'
import { AppModule } from '../../sample/04-microservice/src/app.module.js'
import { poll } from '../support/poll.js'
import { clientOf, ON_ANY_PORT } from '../support/tcp-microservice.js'
import { useSample } from '../support/use-sample.js'

interface Said {
  readonly sessionId: string
  readonly userId?: string
  readonly message: string
  readonly operationId?: string
}

describeWithRedis('the sample with messages over TCP', (redis) => {
  let client: ClientProxy
  const sample = useSample<INestMicroservice>(redis, {
    imports: [AppModule],
    createApplication: (module) =>
      module.createNestMicroservice<MicroserviceOptions>({ ...ON_ANY_PORT, logger: false }),
  })
  beforeAll(async () => {
    await sample.app.listen()
    client = clientOf(sample.app)
  })
  afterAll(() => client.close())

  const answers = (said: Said) => client.send<string>('turn', { userId: 'ada', ...said })
  const say = (said: Said): Promise<string[]> => lastValueFrom(answers(said).pipe(toArray()))
  const errorOf = (said: Said): Promise<unknown> =>
    lastValueFrom(answers(said).pipe(catchError((error: unknown) => of(error))))
  const read = (sessionId: string): Promise<Message[]> =>
    firstValueFrom(client.send<Message[]>('history', { sessionId, userId: 'ada' }))

  it('answers word by word, and remembers each answer whole', async () => {
    expect(await say({ sessionId: 'chat', message: 'Hello.' })).toEqual(['So ', 'far ', 'you ', 'said: ', '"Hello.".'])
    const second = await say({ sessionId: 'chat', message: 'And now?' })
    expect(second.join('')).toBe('So far you said: "Hello.", "And now?".')
    const turns = [
      { role: 'user', content: 'Hello.' },
      { role: 'assistant', content: 'So far you said: "Hello.".' },
      { role: 'user', content: 'And now?' },
      { role: 'assistant', content: second.join('') },
    ]
    expect(await sample.stored('chat')).toEqual(turns)
    expect(await read('chat')).toMatchObject(turns)
  })

  it('is one turn for one operation id, also while it is under way', async () => {
    const said = { sessionId: 'again', message: 'Hello.', operationId: randomUUID() }
    const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => say(said)))
    expect(others).toEqual([first, first, first, first])
    expect(await say(said)).toEqual(first)
    expect(await sample.stored('again')).toHaveLength(2)
    expect(await errorOf({ ...said, message: 'Something else.' })).toMatchObject({
      status: 'error',
      code: 'OPERATION_REUSED',
    })
  })

  it('ends what it began for a caller who hung up: this transport tells nobody', async () => {
    const leaving = clientOf(sample.app)
    const message = 'word '.repeat(30)
    await firstValueFrom(leaving.send<string>('turn', { sessionId: 'left', userId: 'ada', message }))
    await leaving.close()
    expect(await sample.stored('left')).toEqual([])
    await poll(async () => (await sample.stored('left')).length === 2)
    expect(await sample.stored('left')).toEqual([
      { role: 'user', content: message },
      { role: 'assistant', content: `So far you said: "${message}".` },
    ])
  })

  it('has no session of one user for another, and none for nobody', async () => {
    await say({ sessionId: 'own', message: 'Hello.' })
    expect(await errorOf({ sessionId: 'own', userId: 'grace', message: 'What did I say?' })).toMatchObject({
      status: 'error',
      statusCode: 404,
      code: 'SESSION_NOT_FOUND',
    })
    expect(await errorOf({ sessionId: 'own', userId: undefined, message: 'What did I say?' })).toMatchObject({
      code: 'ARGUMENT_INVALID',
      path: 'data.userId',
    })
    expect(await sample.stored('own')).toHaveLength(2)
  })

  it('says so while Redis is away, and goes on after it', async () => {
    const said = { sessionId: 'away', message: 'Are you there?', operationId: randomUUID() }
    await sample.proxy.refuse()
    const error = await errorOf(said)
    expect(sample.proxy.faults.cut).toBeGreaterThan(0)
    expect(error).toMatchObject({
      status: 'error',
      statusCode: 503,
      code: 'UNAVAILABLE',
      retryable: true,
      executed: 'no',
    })
    await sample.proxy.restore()
    await poll(async () => typeof (await lastValueFrom(answers(said).pipe(catchError(() => of(0))))) === 'string')
    expect(await sample.stored('away')).toHaveLength(2)
  })
})
