import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { removeNamespace } from '../../../../lib/testing/testing-module/remove-namespace.js'
import { runTypeScript, type TypeScriptProcess } from '../../../support/run-typescript.js'

interface Answered {
  readonly data: Record<string, unknown> | null
  readonly errors?: readonly { readonly extensions: Record<string, unknown> }[]
}

describeWithRedis('turns over GraphQL', (redis) => {
  const namespace = `graphql-${randomUUID()}`
  let server: TypeScriptProcess
  let url: string
  beforeAll(async () => {
    server = runTypeScript('test/integration/nest/call/scripts/turns-graphql-app.ts', {
      REDIS_CONNECTION: JSON.stringify(redis.connection),
      NAMESPACE: namespace,
    })
    url = await server.firstLine
  }, 30_000)
  afterAll(async () => {
    server.child.stdin.end()
    const { code, stderr } = await server.ended
    await removeNamespace(redis, namespace)
    if (code !== 0 || stderr !== '') throw new Error(`the application ended with ${code}: ${stderr}`)
  })

  const ask = async (query: string, headers: Record<string, string> = {}): Promise<Answered> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    })
    return (await response.json()) as Answered
  }
  const saidIn = async (session: string): Promise<unknown> => {
    const { data } = await ask('{ said }', { 'x-session': session })
    return data?.['said']
  }

  it('are kept once for each root field, and of no other field', async () => {
    const query = `mutation { say(session: "a", message: "one two") { text words { text loud } } }`
    const loud = ['a:', 'one', 'two'].map((text) => ({ text, loud: text.toUpperCase() }))
    expect(await ask(query)).toEqual({ data: { say: { text: 'a: one two', words: loud } } })
    expect(await saidIn('a')).toEqual(['user one two', 'assistant a: one two'])
  })

  it('are one for one key and root field, whatever else is asked', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const mutation = `mutation {
      first: say(session: "b", message: "hi") { text }
      second: say(session: "b", message: "ho") { text }
    }`
    const answers = await Promise.all(Array.from({ length: 3 }, () => ask(mutation, headers)))
    for (const answer of answers) {
      expect(answer).toEqual({ data: { first: { text: 'b: hi' }, second: { text: 'b: ho' } } })
    }
    expect(await saidIn('b')).toEqual(['user hi', 'assistant b: hi', 'user ho', 'assistant b: ho'])
    const reused = await ask('mutation { first: say(session: "b", message: "other") { text } }', headers)
    expect(reused.errors?.[0]?.extensions).toMatchObject({ code: 'OPERATION_REUSED' })
  })
})
