import { describe, expect, it } from '@jest/globals'
import { IsDefined, IsString, ValidateBy, ValidateNested } from 'class-validator'
import { z } from 'zod'
import { reasons, refusal, schemaOf } from './refusal.js'

class Node {
  @ValidateNested()
  next?: Node

  @IsString()
  name!: string
}

class HostileState {
  @ValidateNested()
  node!: Node

  @IsString()
  text!: string

  @IsDefined()
  free!: unknown

  @ValidateBy({
    name: 'touches',
    validator: { validate: (value) => value === undefined || Object.keys(value as object).length > 0 },
  })
  touched!: unknown
}

interface Tree {
  readonly name: string
  readonly next?: Tree | undefined
}

const tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), next: tree.optional() }))
const HostileSchema = z.object({
  node: tree,
  text: z.string(),
  free: z.unknown(),
  touched: z.record(z.string(), z.unknown()),
})

const cycle = (): object => {
  const node: { name: string; next?: object } = { name: 'round' }
  node.next = node
  return node
}

const trap = (): never => {
  throw new TypeError('a secret text')
}

const untouchable = (): object =>
  new Proxy({}, { get: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, has: trap })

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

const throwingGetter = (): object => Object.defineProperty({}, 'name', { enumerable: true, get: trap })

describe.each([
  ['a class', HostileState],
  ['a Standard Schema', HostileSchema],
])('%s under hostile values', (_name, option) => {
  it.each([
    ['a getter that throws', 'node', throwingGetter],
    ['a proxy that throws', 'touched', untouchable],
    ['a revoked proxy', 'touched', revoked],
  ])('names the field with %s, and hides no other', async (_kind, field, make) => {
    const error = await refusal(option, { free: 1, [field]: make() })
    expect(error.path).toMatch(new RegExp(`^values\\.${field}`))
    expect(error.message).not.toContain('secret')
    const read = await reasons(option, { free: 1, text: 7, [field]: make() })
    expect(Object.keys(read).toSorted()).toEqual([field, 'text'].toSorted())
    expect(read.text).toMatch(/^breaks the state schema at text /)
    expect(JSON.stringify(read)).not.toContain('secret')
  })

  it('lets values pass that no rule looks into', async () => {
    for (const free of [cycle(), throwingGetter()]) {
      await expect(schemaOf(option).check({ free })).resolves.toBeUndefined()
    }
  })

  it('settles on a cycle', async () => {
    const round = await reasons(option, { node: cycle(), text: 7 })
    expect(round.text).toContain('at text')
    // The class cannot be asked without end; zod notices the cycle.
    expect('node' in round).toBe(option === HostileState)
  })

  it('refuses a field whose getter throws', async () => {
    const values = Object.defineProperty({}, 'text', { enumerable: true, get: trap }) as Record<string, unknown>
    const error = await refusal(option, values)
    expect(error.path).toBe('values.text')
    expect(error.message).not.toContain('secret')
    expect((await refusal(option, untouchable() as Record<string, unknown>)).path).toBe('values')
  })

  it('takes names of properties of every object as data', async () => {
    const value = JSON.parse('{ "__proto__": { "polluted": 1 }, "constructor": 1, "toString": 2 }') as object
    await expect(schemaOf(option).check({ free: value })).resolves.toBeUndefined()
    await refusal(option, { text: value })
    await refusal(option, { node: value })
    expect(await reasons(option, JSON.parse('{ "text": 1, "__proto__": 1, "constructor": 1 }') as never)).toEqual({
      text: expect.stringContaining('at text'),
    })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('a thousand fields', () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `field${index}`)
  class Wide {
    readonly [name: string]: unknown
  }
  for (const name of names) IsString()(Wide.prototype, name)
  const WideSchema = z.object(Object.fromEntries(names.map((name) => [name, z.string()])))
  const values = Object.fromEntries(names.map((name, index) => [name, index % 2 === 0 ? 'fine' : index]))

  it.each([
    ['a class', Wide],
    ['a Standard Schema', WideSchema],
  ])('are held against %s at once, and each is told', async (_name, option) => {
    const found = await reasons(option, values)
    expect(Object.keys(found)).toEqual(names.filter((_, index) => index % 2 === 1))
    expect((await refusal(option, values)).path).toBe('values.field1')
  })

  it('ask the schema once', async () => {
    let asked = 0
    const option = z.object({}).refine(() => (asked += 1) > 0)
    await reasons(option, values)
    expect(asked).toBe(1)
  })

  it('ask a schema that throws on anything no more than twice', async () => {
    let asked = 0
    const validate = (): never => {
      asked += 1
      throw new TypeError('broken')
    }
    const option = { '~standard': { version: 1, vendor: 'test', validate } } as const
    expect(Object.keys(await reasons(option, values))).toHaveLength(1_000)
    expect(asked).toBe(2)
  })

  it('list some of the fields for one that does not exist', async () => {
    const { message } = await refusal(Wide, { nothing: 1 })
    expect(message).toContain('and 980 more')
    expect(message.length).toBeLessThan(600)
  })
})
