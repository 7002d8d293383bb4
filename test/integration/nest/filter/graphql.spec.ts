import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { describeWithRedis, FaultProxy } from 'nestjs-agent-memory/testing'
import { sessionKey } from '../../../../lib/redis/keys.js'
import { poll } from '../../../support/poll.js'
import { runTypeScript, type TypeScriptProcess } from '../../../support/run-typescript.js'
import { useMemory } from '../../../support/use-memory.js'

interface Reply {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly Record<string, unknown>[]
}

describeWithRedis('MemoryExceptionFilter over GraphQL', (redis) => {
  const tested = useMemory(redis)
  let proxy: FaultProxy
  let server: TypeScriptProcess
  let url: string

  beforeAll(async () => {
    proxy = await FaultProxy.before(redis)
    server = runTypeScript('test/integration/nest/filter/scripts/graphql-app.ts', {
      REDIS_CONNECTION: JSON.stringify(proxy.connection),
      NAMESPACE: tested.namespace,
    })
    url = await server.firstLine
    await tested.memory.session('owned', { userId: 'ada' }).append({ role: 'user', content: 'Hello' })
  })

  const ask = async (query: string): Promise<Reply> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    return (await response.json()) as Reply
  }

  beforeEach(async () => {
    await proxy.restore()
    await poll(async () => (await ask('{ session(id: "a", userId: "ada") { id } }')).errors === undefined)
  })

  afterAll(async () => {
    server.child.stdin.end()
    await server.ended
    await proxy.close()
  })

  it('gives an error with the code among its extensions', async () => {
    expect(await ask('{ session(id: "owned", userId: "grace") { id } }')).toEqual({
      data: { session: null },
      errors: [
        {
          message: 'there is no such session for this user',
          path: ['session'],
          locations: [expect.any(Object)],
          extensions: { code: 'SESSION_NOT_FOUND', retryable: false, executed: 'no' },
        },
      ],
    })
  })

  it('gives it of a mutation, with what the client repeats it with', async () => {
    const query = 'mutation { append(id: "a*b", userId: "ada", content: "turn-1") }'
    expect((await ask(query)).errors).toMatchObject([{ extensions: { code: 'ARGUMENT_INVALID', path: 'sessionId' } }])
    await proxy.refuse()
    proxy.cut()
    const { errors } = await ask('mutation { append(id: "away", userId: "ada", content: "turn-1") }')
    expect(proxy.faults.cut).toBeGreaterThan(0)
    expect(errors).toMatchObject([
      { extensions: { code: 'UNAVAILABLE', retryable: true, executed: 'no', operationId: 'turn-1' } },
    ])
  })

  it('gives it of a field, beside the others', async () => {
    expect(await ask('{ sessions(userId: "grace") { id texts } }')).toMatchObject({
      data: { sessions: [{ id: 'owned', texts: null }] },
      errors: [{ extensions: { code: 'SESSION_NOT_FOUND' } }],
    })
    expect((await ask('{ sessions(userId: "ada") { texts } }')).data).toEqual({ sessions: [{ texts: ['Hello'] }] })
  })

  it('keeps what is the matter inside to itself, and to the log', async () => {
    await tested.redis.set(
      sessionKey({ namespace: tested.namespace, tenant: undefined, sessionId: 'foreign' }),
      '',
      'EX',
      60,
    )
    const { errors } = await ask('mutation { append(id: "foreign", userId: "ada", content: "turn-1") }')
    expect(errors).toMatchObject([
      {
        message: 'The memory of this application failed; the log of the application says why',
        extensions: { code: 'CORRUPT', retryable: false, executed: 'no', operationId: 'turn-1' },
      },
    ])
    expect(JSON.stringify(errors)).not.toContain('WRONGTYPE')

    await ask('{ session(id: "owned", userId: "grace") { id } }')
    server.child.stdin.end()
    const { code, stderr } = await server.ended
    expect(code).toBe(0)
    expect(stderr.match(/CORRUPT: .* \(session "foreign", operation "turn-1"\)/g)).toHaveLength(1)
    expect(stderr).not.toMatch(/SESSION_NOT_FOUND|ARGUMENT_INVALID/)
  })
})
