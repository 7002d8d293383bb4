import { setImmediate } from 'node:timers/promises'
import { Inject, Injectable, Module, type DynamicModule } from '@nestjs/common'
import { LazyModuleLoader } from '@nestjs/core'
import { Test } from '@nestjs/testing'
import { describe, expect, it } from '@jest/globals'
import {
  getMemoryOptionsToken,
  getMemoryToken,
  InjectMemory,
  MemoryConfigError,
  MemoryModule,
  MemoryService,
} from 'nestjs-agent-memory'
import { Memories } from '../../../lib/named/memories.js'

// Nothing listens here, and nothing has to: what is compiled only does not connect.
const connection = { url: 'redis://127.0.0.1:1' }
const DAY = 86_400_000

class Invoice {
  amount = 0
}

@Injectable()
class Biller {
  constructor(
    @InjectMemory('billing') readonly billing: MemoryService,
    @Inject(getMemoryOptionsToken('billing')) readonly options: { namespace: string },
  ) {}
}

/** Knows nothing of the module that has forRoot. */
@Module({ imports: [MemoryModule.forFeature('billing')], providers: [Biller] })
class BillingModule {}

@Injectable()
class Auditor {
  @InjectMemory('billing') readonly billing!: MemoryService
  constructor(@InjectMemory() readonly root: MemoryService) {}
}

@Module({ imports: [MemoryModule.forFeature('billing')], providers: [Auditor] })
class AuditModule {}

const overriding = (overrides: Parameters<typeof MemoryModule.forFeature>[1], name = 'billing'): DynamicModule => {
  @Module({ imports: [MemoryModule.forFeature(name, overrides)] })
  class OverridingModule {}
  return { module: OverridingModule }
}

const root = (options: Partial<Parameters<typeof MemoryModule.forRoot>[0]> = {}): DynamicModule =>
  MemoryModule.forRoot({ connection, namespace: 'root', ...options })

type Imports = NonNullable<Parameters<typeof Test.createTestingModule>[0]['imports']>

const compile = (...imports: Imports) => Test.createTestingModule({ imports }).compile()

const optionsOf = async (name: string, ...imports: Imports): Promise<unknown> =>
  (await compile(...imports)).get(getMemoryOptionsToken(name), { strict: false })

const refusalOf = async (...imports: Imports): Promise<MemoryConfigError> => {
  const error: unknown = await compile(...imports).catch((caught: unknown) => caught)
  if (error instanceof MemoryConfigError) return error
  throw new Error('nothing was refused', { cause: error })
}

const newKeys = (): Record<string, Buffer> => ({ k1: Buffer.alloc(32, 1) })

const late = async (): Promise<string> => {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
  return 'late'
}

const memoriesOf = async (...imports: Imports): Promise<Memories> =>
  (await compile(root(), ...imports)).get(Memories, { strict: false })

const lazily = async (...imports: Imports) => {
  const app = await compile(...imports)
  return { app, loader: app.get(LazyModuleLoader, { strict: false }) }
}

describe('MemoryModule.forFeature', () => {
  it('is one memory for all modules that name it, and another than that of forRoot', async () => {
    const app = await compile(root(), BillingModule, AuditModule)
    const { billing } = app.get(Biller, { strict: false })
    const auditor = app.get(Auditor, { strict: false })
    expect(billing).toBeInstanceOf(MemoryService)
    expect(auditor.billing).toBe(billing)
    expect(auditor.root).toBe(app.get(MemoryService))
    expect(auditor.root).not.toBe(billing)
    expect(app.get(getMemoryToken('billing'), { strict: false })).toBe(billing)
    expect(app.get(getMemoryToken())).toBe(auditor.root)
  })

  it('is as in forRoot, in a namespace that is told from that of forRoot by a dot', async () => {
    const session = { ttl: '3d', maxMessages: 7 } as const
    const app = await compile(root({ session, summary: { ttl: '5d' } }), BillingModule)
    const ofRoot: object = app.get(getMemoryOptionsToken())
    expect(ofRoot).toMatchObject({ namespace: 'root', session: { ttl: 3 * DAY, maxMessages: 7 } })
    expect(app.get(Biller, { strict: false }).options).toEqual({ ...ofRoot, namespace: 'root.billing' })
  })

  it('stands in the default namespace when forRoot names none, and below the longest one', async () => {
    expect(await optionsOf('billing', MemoryModule.forRoot({ connection }), BillingModule)).toMatchObject({
      namespace: 'memory.billing',
    })
    const [namespace, name] = ['n'.repeat(64), 'x'.repeat(32)]
    expect(await optionsOf(name, root({ namespace }), MemoryModule.forFeature(name))).toMatchObject({
      namespace: `${namespace}.${name}`,
    })
  })

  it('keeps the other options of a section, and leaves forRoot as it is', async () => {
    const app = await compile(
      root({
        session: { ttl: '3d', maxMessages: 7 },
        serialization: { encryption: { current: 'k1', keys: newKeys() } },
      }),
      overriding({ session: { maxMessages: 9 }, serialization: { compression: { minBytes: '8kb' } } }),
    )
    const { serialization: ofRoot, session } = app.get<Record<string, object>>(getMemoryOptionsToken())
    expect(session).toMatchObject({ ttl: 3 * DAY, maxMessages: 7 })
    expect(app.get(getMemoryOptionsToken('billing'), { strict: false })).toMatchObject({
      session: { ttl: 3 * DAY, maxMessages: 9 },
      serialization: { ...ofRoot, compression: { minBytes: 8_192 } },
    })
    expect(ofRoot).toMatchObject({ encryption: { current: 'k1' } })
    expect(ofRoot).not.toMatchObject({ compression: { minBytes: 8_192 } })
  })

  it.each([
    ['first', (owner: DynamicModule): Imports => [owner, BillingModule, AuditModule, root()]],
    ['in the middle', (owner: DynamicModule): Imports => [BillingModule, owner, root(), AuditModule]],
    ['last', (owner: DynamicModule): Imports => [root(), BillingModule, AuditModule, owner]],
  ])('is what the module with the overrides says, when that comes %s', async (_, order) => {
    const app = await compile(...order(overriding({ namespace: 'bills', session: { ttl: '30d' } })))
    const { billing, options } = app.get(Biller, { strict: false })
    expect(app.get(Auditor, { strict: false }).billing).toBe(billing)
    expect(options).toMatchObject({ namespace: 'bills', session: { ttl: 30 * DAY } })
  })

  it('may say the same in two places, also with what is undefined', async () => {
    const app = await compile(
      root(),
      overriding({ session: { ttl: '30d' }, serialization: { encryption: { current: 'k1', keys: newKeys() } } }),
      overriding({
        namespace: undefined,
        session: { ttl: '30d', maxAge: undefined },
        serialization: { encryption: { current: 'k1', keys: newKeys() } },
      }),
      overriding({ session: undefined }),
    )
    expect(app.get(getMemoryOptionsToken('billing'), { strict: false })).toMatchObject({ session: { ttl: 30 * DAY } })
  })

  it.each([
    [{ session: { ttl: '31d' } }, 'session'],
    [{ session: { ttl: '30d' }, state: Invoice }, 'state'],
    [{ summary: { ttl: '1d' } }, 'summary, session'],
  ] as const)('may not say %p in another', async (other, sections) => {
    const error = await refusalOf(root(), overriding({ session: { ttl: '30d' } }), BillingModule, overriding(other))
    expect(error.problems).toEqual([
      {
        path: "forFeature('billing')",
        given: `overrides that differ in ${sections}`,
        allowed:
          "overrides in one place, before the memory is first used, and forFeature('billing') without any elsewhere",
      },
    ])
  })

  it('fails at the start with every option that is wrong, by its path', async () => {
    const session = JSON.parse('{"ttl":60,"maxMesages":5}') as object
    const error = await refusalOf(root(), overriding({ session, namespace: 'a b', summary: { ttl: '0d' } }))
    expect(error.problems.map(({ path }) => path).toSorted()).toEqual([
      "forFeature('billing').namespace",
      "forFeature('billing').session.maxMesages",
      "forFeature('billing').session.ttl",
      "forFeature('billing').summary.ttl",
    ])
    expect(error.message).toContain('did you mean session.maxMessages?')
  })

  it('fails for what does not go with the options of forRoot', async () => {
    const { problems } = await refusalOf(root({ session: { maxAge: '10d' } }), overriding({ session: { ttl: '30d' } }))
    expect(problems).toEqual([
      expect.objectContaining({ path: expect.stringMatching(/^forFeature\('billing'\)\.session\./) }),
    ])
  })

  it('refuses a name and an option that cannot be at once', () => {
    expect(() => MemoryModule.forFeature('default')).toThrow(MemoryConfigError)
    expect(() => MemoryModule.forFeature('a.b')).toThrow(/1 to 32 of the characters/)
    const untyped = { connection } as object
    expect(() => MemoryModule.forFeature('billing', untyped)).toThrow(/forFeature\('billing'\)\.connection.*forRoot/)
  })

  it.each([
    ['of forRoot', [overriding({ namespace: 'root' })], "'root', the namespace of forRoot,"],
    [
      'of another one',
      [overriding({ namespace: 'same' }, 'sales'), overriding({ namespace: 'same' })],
      "'same', the namespace of the memory 'sales',",
    ],
    [
      'that another one has by its name',
      [MemoryModule.forFeature('sales'), overriding({ namespace: 'root.sales' })],
      "'root.sales', the namespace of the memory 'sales',",
    ],
  ])('refuses the namespace %s', async (_, features, given) => {
    const { problems } = await refusalOf(root(), ...features)
    expect(problems).toEqual([
      {
        path: "forFeature('billing').namespace",
        given,
        allowed: 'one that no other memory of the application has',
      },
    ])
  })

  it('says that forRoot is missing', async () => {
    const { problems } = await refusalOf(BillingModule)
    expect(problems).toEqual([
      {
        path: 'MemoryModule',
        given: expect.stringContaining('forFeature, without MemoryModule.forRoot'),
        allowed: expect.stringContaining('in the imports of the root module'),
      },
    ])
  })

  it('waits for options that an injected provider has late', async () => {
    @Module({ providers: [{ provide: 'NAMESPACE', useFactory: late }], exports: ['NAMESPACE'] })
    class LateModule {}
    const app = await compile(
      BillingModule,
      MemoryModule.forRootAsync({
        imports: [LateModule],
        inject: ['NAMESPACE'],
        useFactory: (namespace: string) => ({ connection, namespace }),
      }),
    )
    expect(app.get(Biller, { strict: false }).options.namespace).toBe('late.billing')
  })

  it('belongs to one application: another one in the process has its own', async () => {
    const [one, other] = [await compile(root(), BillingModule), await compile(root(), BillingModule)]
    expect(one.get(Biller, { strict: false }).billing).not.toBe(other.get(Biller, { strict: false }).billing)
    expect(await optionsOf('billing', root(), overriding({ session: { ttl: '1d' } }))).toMatchObject({
      session: { ttl: DAY },
    })
  })

  it('may be replaced in a test by its token', async () => {
    const fake = {}
    const app = await Test.createTestingModule({ imports: [root(), BillingModule] })
      .overrideProvider(getMemoryToken('billing'))
      .useValue(fake)
      .compile()
    expect(app.get(Biller, { strict: false }).billing).toBe(fake)
  })
})

describe('a memory by its name', () => {
  it('is that of forFeature, and without a name that of forRoot', async () => {
    const app = await compile(root(), BillingModule)
    const memories = app.get(Memories, { strict: false })
    expect(memories.get('billing')).toBe(app.get(Biller, { strict: false }).billing)
    expect(memories.get()).toBe(app.get(MemoryService))
  })

  it('is refused when no forFeature names it, with those that there are', async () => {
    const [two, none] = [await memoriesOf(BillingModule, MemoryModule.forFeature('sales')), await memoriesOf()]
    expect(() => two.get('bilng')).toThrow(
      "name: 'bilng', which no forFeature of the application names given; allowed: 'billing', 'sales'",
    )
    expect(() => none.get('billing')).toThrow('allowed: none: there is no forFeature')
  })
})

describe('a module that is loaded lazily', () => {
  it('gets the memory that is there, or a new one', async () => {
    const { app, loader } = await lazily(root(), BillingModule)
    const audit = await loader.load(() => AuditModule)
    expect(audit.get(Auditor).billing).toBe(app.get(Biller, { strict: false }).billing)
    const sales = await loader.load(() => overriding({ session: { ttl: '30d' } }, 'sales'))
    expect(sales.get(getMemoryOptionsToken('sales'), { strict: false })).toMatchObject({
      namespace: 'root.sales',
      session: { ttl: 30 * DAY },
    })
    expect(app.get(Memories, { strict: false }).get('sales')).toBe(
      sales.get(getMemoryToken('sales'), { strict: false }),
    )
  })

  it('may say what is said already', async () => {
    const { app, loader } = await lazily(root(), overriding({ session: { ttl: '30d' } }), BillingModule)
    const again = await loader.load(() => overriding({ session: { ttl: '30d' } }))
    expect(again.get(getMemoryToken('billing'), { strict: false })).toBe(app.get(Biller, { strict: false }).billing)
  })

  it.each([
    ['with others', [overriding({ session: { ttl: '1d' } })], 'overrides that differ in session'],
    ['without any', [], 'overrides in a module that was loaded after the memory was made without them'],
  ])('cannot override one that was made %s, which stays', async (_, before, given) => {
    const { app, loader } = await lazily(root(), ...before, BillingModule)
    const { billing } = app.get(Biller, { strict: false })
    let meanwhile: MemoryService | undefined
    const look = (memories: Memories): void => {
      meanwhile = memories.get('billing')
    }
    const looking = { provide: 'LOOKING', useFactory: look, inject: [Memories] }
    const loading = loader.load(() => ({ ...overriding({ session: { ttl: '30d' } }), providers: [looking] }))
    await expect(loading).rejects.toMatchObject({ problems: [{ path: "forFeature('billing')", given }] })
    expect(meanwhile).toBe(billing)
    expect(app.get(Memories, { strict: false }).get('billing')).toBe(billing)
  })
})
