import type { InjectionToken } from '@nestjs/common'
import type { ModulesContainer } from '@nestjs/core'
import { ConfiguredTokenCounter } from '../context/configured-token-counter.js'
import { EstimatingTokenCounter } from '../context/token-estimator.js'
import { MemoryConfigError } from '../errors/memory-config.error.js'
import { valueKind } from '../errors/value-kind.js'
import type { TokenCounter } from '../model/token-counter.js'
import type { TokenCounterOption } from '../options/memory-options.interface.js'
import { isTokenCounter } from '../options/token-counter-problems.js'

const ALLOWED = 'one provider of the default scope in the modules of the application, with a method count(text)'

const wrong = (path: string, given: string): MemoryConfigError =>
  new MemoryConfigError({ path, given, allowed: ALLOWED })

const nameOf = (token: InjectionToken): string =>
  typeof token === 'function' ? `the class ${token.name}` : `the token ${String(token)}`

/** Wherever it stands: who names it need not import its module. */
const provided = (token: InjectionToken, modules: ModulesContainer, path: string): unknown => {
  const wrappers = [...modules.values()].flatMap(({ providers }) => providers.get(token) ?? [])
  if (wrappers.length === 0) throw wrong(path, `${nameOf(token)}, which no module provides,`)
  if (wrappers.some((wrapper) => wrapper.isTransient || !wrapper.isDependencyTreeStatic())) {
    throw wrong(path, `${nameOf(token)}, which is made anew for each request or user,`)
  }
  const instances = new Set<unknown>(wrappers.map(({ instance }) => instance))
  if (instances.size > 1) throw wrong(path, `${nameOf(token)}, which ${instances.size} modules provide differently,`)
  return [...instances][0]
}

/**
 * The counter that the options of a memory give or name.
 *
 * @throws MemoryConfigError when nothing in the application is what they name
 */
export const findTokenCounter = (option: TokenCounterOption, modules: ModulesContainer, path: string): TokenCounter => {
  if (isTokenCounter(option)) return option
  const counter = provided(option, modules, path)
  if (isTokenCounter(counter)) return counter
  throw wrong(path, `${nameOf(option)}, which is ${valueKind(counter)},`)
}

/** Looks for what the options name when it is first needed: it may be made after the memory, and use it. */
export const tokenCounterOf = (
  option: TokenCounterOption | undefined,
  modules: ModulesContainer,
  path: string,
): TokenCounter =>
  option === undefined
    ? new EstimatingTokenCounter()
    : new ConfiguredTokenCounter(() => findTokenCounter(option, modules, path), path)
