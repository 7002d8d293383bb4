import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { MemoryModule } from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis, type MemoryTestingModule } from 'nestjs-agent-memory/testing'
import { interval, map } from 'rxjs'
import { deferred } from '../../../../lib/call/deferred.js'
import { poll } from '../../../support/poll.js'
import { Model, TurnsController } from './turns-app.js'

describeWithRedis('turns of an application that closes', (redis) => {
  const model = new Model()
  let tested: MemoryTestingModule
  let later: MemoryTestingModule
  beforeEach(async () => {
    const namespace = randomUUID()
    const imports = [MemoryModule.forRoot({ connection: redis.connection })]
    model.asked.length = 0
    tested = await createMemoryTestingModule({
      redis,
      namespace,
      imports,
      controllers: [TurnsController],
      providers: [{ provide: Model, useValue: model }],
      createApplication: (module) => module.createNestApplication({ logger: false }),
      listen: true,
    })
    later = await createMemoryTestingModule({ redis, namespace, imports, cleanUp: false })
  })
  afterEach(async () => {
    await later.close()
    await tested.close()
  })
  const said = async (): Promise<unknown[]> =>
    (await later.memory.session('s').messages()).messages.map(({ role, metadata }) => [role, metadata])

  it.each([undefined, randomUUID()])('are kept when their handler is done (key: %s)', async (key) => {
    const released = deferred()
    model.answer = async (message) => {
      await released.promise
      return message
    }
    const answer = fetch(`${tested.url}/sessions/s/texts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
      body: JSON.stringify({ message: 'hi' }),
    })
    await poll(() => model.asked.length === 1)
    const closed = tested.app.close()
    released.resolve()
    expect((await answer).status).toBe(200)
    await closed
    expect(await said()).toEqual([
      ['user', undefined],
      ['assistant', undefined],
    ])
  })

  it('are kept as far as they came when their client goes', async () => {
    model.answer = () => interval(2).pipe(map((index) => ({ data: `${index} ` })))
    const controller = new AbortController()
    const response = await fetch(`${tested.url}/sessions/s/locked-events?message=hi`, { signal: controller.signal })
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) if (chunk.includes('data')) break
    const closed = tested.app.close()
    controller.abort()
    await closed
    expect(await said()).toEqual([
      ['user', undefined],
      ['assistant', { interrupted: true }],
    ])
    const released = await later.memory.session('s').withLock(async () => true, { wait: '0ms' })
    expect(released).toBe(true)
  })
})
