import type { ModulesContainer } from '@nestjs/core'
import type { MemoryFeatureOptions } from '../options/memory-feature-options.interface.js'

/** What one call of `forFeature` says, as a provider of the module it makes. */
export const FEATURE_DEFINITION = Symbol('nestjs-agent-memory:feature')

export interface FeatureDefinition {
  readonly name: string
  /** `undefined` when it has none, and injects the memory as it is registered elsewhere. */
  readonly overrides: MemoryFeatureOptions | undefined
}

/** Every call of `forFeature` in the application so far: those in modules that are loaded lazily come later. */
export const featureDefinitions = (modules: ModulesContainer): FeatureDefinition[] =>
  [...modules.values()].flatMap(({ providers }) => {
    const definition = providers.get(FEATURE_DEFINITION)?.instance as FeatureDefinition | undefined
    return definition === undefined ? [] : [definition]
  })
