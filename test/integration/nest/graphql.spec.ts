import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { runTypeScript, type TypeScriptProcess } from '../../support/run-typescript.js'

const at = '2026-03-01T10:20:30.400Z'

const useGraphqlApp = (environment: NodeJS.ProcessEnv): ((query: string) => Promise<unknown>) => {
  let server: TypeScriptProcess
  let url: string

  beforeAll(async () => {
    server = runTypeScript('test/integration/nest/scripts/graphql-app.ts', environment)
    url = await server.firstLine
  }, 30_000)

  afterAll(async () => {
    server.child.stdin.end()
    const { code, stderr } = await server.ended
    if (code !== 0 || stderr !== '') throw new Error(`the application ended with ${code}: ${stderr}`)
  })

  return async (query) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    return response.json()
  }
}

describe('the serialization interceptor over GraphQL', () => {
  const ask = useGraphqlApp({})

  it('leaves instances to field resolvers and to date scalars', async () => {
    expect(await ask('{ order { at total count double dates bigs } }')).toStrictEqual({
      data: {
        order: {
          at,
          total: '12.5',
          count: 2,
          double: '25.00 kept for field resolvers 2',
          dates: [at],
          bigs: ['12345678901234567890'],
        },
      },
    })
  })

  it('gives leaves as in JSON, and the types of a union', async () => {
    const query = '{ report { at total tags orders { double } parties { __typename ... on Person { name } } } totals }'
    expect(await ask(query)).toStrictEqual({
      data: {
        report: {
          at,
          total: '0.1',
          tags: ['1'],
          orders: [{ double: '25.00 kept for field resolvers 2' }],
          parties: [{ __typename: 'Person', name: 'Ada' }, { __typename: 'Order' }],
        },
        totals: ['1.5', '2'],
      },
    })
  })
})

describe('the field middleware of GraphQL', () => {
  const ask = useGraphqlApp({ FIELD_MIDDLEWARE: 'yes' })

  it('gives leaves of instances as in JSON, and leaves instances to field resolvers', async () => {
    expect(await ask('{ order { at big bytes notes count double } }')).toStrictEqual({
      data: {
        order: {
          at,
          big: '12345678901234567890',
          bytes: 'aMOp',
          notes: [['a', 'b']],
          count: 2,
          double: '25.00 kept for field resolvers 2',
        },
      },
    })
  })
})
