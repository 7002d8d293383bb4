import { Inject, Injectable, type OnModuleInit, type Type } from '@nestjs/common'
import { RESPONSE_PASSTHROUGH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js'
import { ModulesContainer } from '@nestjs/core/injector/modules-container.js'
import { MetadataScanner } from '@nestjs/core/metadata-scanner.js'
import { MemoryConfigError } from '../../errors/memory-config.error.js'
import type { Problem } from '../../errors/problem.js'
import { Memories } from '../../named/memories.js'
import { planOf, usedAt, type CallPlan } from './call-metadata.js'
import { currentLock } from './parameters/current-lock.decorator.js'
import { currentSession, type OfMemory } from './parameters/current-session.decorator.js'
import { history } from './parameters/history.decorator.js'
import { promptContext } from './parameters/prompt-context.decorator.js'
import { sessionState } from './parameters/session-state.decorator.js'

/** How Nest notes `@Res()` and `@Next()`: by their number, and the place of the parameter. */
const ANSWERS_BY_ITSELF = /^[12]:/

const PARAMETERS = new Map<unknown, string>([
  [currentSession, '@CurrentSession()'],
  [currentLock, '@CurrentLock()'],
  [sessionState, '@SessionState()'],
  [history, '@History()'],
  [promptContext, '@PromptContext()'],
])

interface Parameter {
  readonly factory?: unknown
  readonly data?: OfMemory
}

/** What is asked for at a handler, and of which memory. */
interface Need {
  readonly decorator: string
  readonly name: string | undefined
}

/** A handler that some decorator of this module stands at, or at its class or its parameters. */
interface Handler {
  readonly path: string
  readonly plan: CallPlan
  readonly needs: readonly Need[]
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly answersByItself: boolean
}

const handlerOf = (type: Type, method: string): Handler => {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, type, method) ?? {}) as Handler['parameters']
  const plan = planOf(Reflect.get(type.prototype as object, method) as object, type)
  const passesThrough = Reflect.getMetadata(RESPONSE_PASSTHROUGH_METADATA, type, method) === true
  const asked = Object.values(parameters).flatMap(({ factory, data }): Need[] => {
    const decorator = PARAMETERS.get(factory)
    return decorator === undefined ? [] : [{ decorator, name: data?.name }]
  })
  return {
    path: `${type.name}.${method}`,
    plan,
    needs: [
      ...(plan.oneTurn === undefined ? [] : [{ decorator: '@OneTurnAtATime()', name: plan.oneTurn.name }]),
      ...(plan.remembered === undefined ? [] : [{ decorator: '@RememberTurn()', name: plan.remembered.name }]),
      ...asked,
    ],
    parameters,
    answersByItself: !passesThrough && Object.keys(parameters).some((key) => ANSWERS_BY_ITSELF.test(key)),
  }
}

const named = (name: string | undefined): string => (name === undefined ? '' : ` of the memory '${name}'`)

/** As MemoryCall finds it: without a name, the one of forRoot, or the only one. */
const isOpened = ({ used }: CallPlan, name: string | undefined): boolean =>
  used.some((options) => options.name === name) || (name === undefined && used.length === 1)

const problemsOf = ({ path, plan, needs, answersByItself }: Handler): Problem[] => {
  const homeless = needs.filter(({ name }) => !isOpened(plan, name))
  const locks = needs.some(({ decorator }) => decorator === '@CurrentLock()') && plan.oneTurn === undefined
  return [
    ...homeless.map(({ decorator, name }) => ({
      path,
      given: `${decorator}${named(name)} without a session${named(name)}`,
      allowed: `@UseMemory({ session: 'params.sessionId'${name === undefined ? '' : `, name: '${name}'`} }) at the handler or its class`,
    })),
    ...(locks ? [{ path, given: '@CurrentLock() without a lock', allowed: '@OneTurnAtATime() beside it' }] : []),
    ...(plan.remembered !== undefined && answersByItself
      ? [
          {
            path,
            given: '@RememberTurn() at a handler that answers by itself, through @Res() or @Next()',
            allowed: 'a handler that returns its answer, or @Res({ passthrough: true })',
          },
        ]
      : []),
  ]
}

/** Looks at every handler of the application when it starts: what could not work fails then, and not at the first call. */
@Injectable()
export class HandlerCheck implements OnModuleInit {
  private readonly scanner = new MetadataScanner()

  constructor(
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(Memories) private readonly memories: Memories,
  ) {}

  /** @throws MemoryConfigError with everything that is wrong */
  onModuleInit(): void {
    const problems = [...this.classes()].flatMap((type) => this.problemsOfClass(type))
    if (problems.length > 0) throw new MemoryConfigError(problems)
  }

  private classes(): Set<Type> {
    const wrappers = [...this.modules.values()].flatMap(({ controllers, providers }) => [
      ...controllers.values(),
      ...providers.values(),
    ])
    // What a factory makes is no class whose handlers Nest calls.
    const types = wrappers.flatMap(({ metatype, inject }) =>
      inject === null || inject === undefined ? [metatype] : [],
    )
    return new Set(types.filter((type): type is Type => typeof type === 'function' && type.prototype !== undefined))
  }

  private problemsOfClass(type: Type): Problem[] {
    const methods = this.scanner.getAllMethodNames(type.prototype as object)
    const handlers = methods.map((method) => handlerOf(type, method))
    return [...this.problemsOfUse(type, methods), ...handlers.flatMap(problemsOf)]
  }

  private problemsOfUse(type: Type, methods: readonly string[]): Problem[] {
    const places = [
      [type.name, type],
      ...methods.map((method) => [`${type.name}.${method}`, Reflect.get(type.prototype as object, method)] as const),
    ] as readonly (readonly [string, object])[]
    return places.flatMap(([path, target]) => {
      const names = usedAt(target).map(({ name }) => name)
      const unknown = names.flatMap((name) => this.unknown(path, name))
      return new Set(names).size === names.length
        ? unknown
        : [
            ...unknown,
            { path, given: 'two @UseMemory of the same memory', allowed: 'one for each memory, told apart by name' },
          ]
    })
  }

  private unknown(path: string, name: string | undefined): Problem[] {
    try {
      this.memories.get(name)
      return []
    } catch (error) {
      if (!(error instanceof MemoryConfigError)) throw error
      return error.problems.map(({ given, allowed }) => ({ path: `${path}: @UseMemory.name`, given, allowed }))
    }
  }
}
