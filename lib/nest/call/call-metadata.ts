import type { ExecutionContext } from '@nestjs/common'
import { MemoryConfigError } from '../../errors/memory-config.error.js'
import type { OneTurnOptions, RememberTurnOptions, UseMemoryOptions } from './call-options.interface.js'

const USED = Symbol('nestjs-agent-memory:use')
const ONE_TURN = Symbol('nestjs-agent-memory:one-turn-at-a-time')
const REMEMBERED = Symbol('nestjs-agent-memory:remember-turn')

/** What the decorators at a handler and its class say together. */
export interface CallPlan {
  /** One for each name; what a handler says goes before what its class says. */
  readonly used: readonly UseMemoryOptions[]
  readonly oneTurn: OneTurnOptions | undefined
  readonly remembered: RememberTurnOptions | undefined
}

/** What stands at this very handler or class. */
export const usedAt = (target: object): readonly UseMemoryOptions[] =>
  (Reflect.getOwnMetadata(USED, target) as UseMemoryOptions[] | undefined) ?? []

export const addUsed = (target: object, options: UseMemoryOptions): void =>
  Reflect.defineMetadata(USED, [...usedAt(target), options], target)

const setOnce = (key: symbol, decorator: string, target: object, options: object): void => {
  if (Reflect.hasOwnMetadata(key, target)) {
    throw new MemoryConfigError({ path: decorator, given: 'it twice in one place', allowed: 'it once' })
  }
  Reflect.defineMetadata(key, options, target)
}

export const setOneTurn = (target: object, options: OneTurnOptions): void =>
  setOnce(ONE_TURN, '@OneTurnAtATime', target, options)

export const setRemembered = (target: object, options: RememberTurnOptions): void =>
  setOnce(REMEMBERED, '@RememberTurn', target, options)

/** Of the classes it extends first. */
const allUsed = (target: object | null): readonly UseMemoryOptions[] =>
  target === null ? [] : [...allUsed(Object.getPrototypeOf(target) as object | null), ...usedAt(target)]

const nearest = (key: symbol, handler: object, type: object): unknown =>
  Reflect.getMetadata(key, handler) ?? Reflect.getMetadata(key, type)

/** @param handler the method, @param type its class */
export const planOf = (handler: object, type: object): CallPlan => {
  const byName = new Map<string | undefined, UseMemoryOptions>()
  for (const target of [type, handler]) {
    for (const options of allUsed(target)) byName.set(options.name, options)
  }
  return {
    used: [...byName.values()],
    oneTurn: nearest(ONE_TURN, handler, type) as OneTurnOptions | undefined,
    remembered: nearest(REMEMBERED, handler, type) as RememberTurnOptions | undefined,
  }
}

/** The plans of handlers, each made once. A method may be the handler of several classes. */
export class CallPlans {
  private readonly byClass = new WeakMap<object, WeakMap<object, CallPlan>>()

  of(context: Pick<ExecutionContext, 'getHandler' | 'getClass'>): CallPlan {
    const [type, handler] = [context.getClass(), context.getHandler()]
    let plans = this.byClass.get(type)
    if (plans === undefined) this.byClass.set(type, (plans = new WeakMap()))
    let plan = plans.get(handler)
    if (plan === undefined) plans.set(handler, (plan = planOf(handler, type)))
    return plan
  }
}
