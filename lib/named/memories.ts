import { isDeepStrictEqual } from 'node:util'
import type { OnApplicationBootstrap, OnModuleInit } from '@nestjs/common'
import type { ModulesContainer } from '@nestjs/core'
import { Logger } from '@nestjs/common'
import { MemoryConfigError } from '../errors/memory-config.error.js'
import { MemoryService } from '../memory.service.js'
import { featurePath } from '../options/feature-problems.js'
import type { MemoryFeatureOptions } from '../options/memory-feature-options.interface.js'
import type { MemoryOptionsTransform } from '../options/memory-options-transform.interface.js'
import type { MemoryModuleOptions } from '../options/memory-options.interface.js'
import { mergeFeatureOptions } from '../options/merge-feature-options.js'
import type { ResolvedMemoryOptions } from '../options/resolved-options.interface.js'
import { keyPrefix } from '../redis/keys.js'
import type { Journal } from '../resilience/journal/journal.js'
import type { Resilience } from '../resilience/resilience.js'
import { createSerialization } from '../serialization/create-serialization.js'
import { featureDefinitions } from './feature-definition.js'
import type { Checks } from './load-checks.js'
import { findTokenCounter, tokenCounterOf } from './token-counter-of.js'

/** What every memory of the application stands on. */
export interface MemoryGround {
  readonly resilience: Resilience
  readonly journal: Journal | undefined
  /** As given to forRoot. */
  readonly given: MemoryModuleOptions
  readonly resolved: ResolvedMemoryOptions
  readonly transform: MemoryOptionsTransform
  readonly checks: Checks
}

export interface NamedMemory {
  readonly memory: MemoryService
  readonly options: ResolvedMemoryOptions
}

/** The memories of the application: the one of forRoot, and those of forFeature, one for each name. */
export class Memories implements OnModuleInit, OnApplicationBootstrap {
  private readonly logger = new Logger('AgentMemory')
  private readonly named = new Map<string, NamedMemory & { readonly overrides: MemoryFeatureOptions | undefined }>()

  constructor(
    private readonly root: MemoryService,
    private readonly ground: MemoryGround,
    private readonly modules: ModulesContainer,
  ) {}

  /**
   * A memory by its name; without one, that of forRoot.
   *
   * @throws MemoryConfigError when no forFeature names it
   */
  get(name?: string): MemoryService {
    if (name === undefined) return this.root
    // One that is there stays there, whatever a module that is loaded later says of it.
    const existing = this.named.get(name)
    if (existing !== undefined) return existing.memory
    const names = new Set(featureDefinitions(this.modules).map((definition) => definition.name))
    if (names.has(name)) return this.define(name).memory
    throw new MemoryConfigError({
      path: 'name',
      given: `'${name}', which no forFeature of the application names`,
      allowed: names.size === 0 ? 'none: there is no forFeature' : [...names].map((known) => `'${known}'`).join(', '),
    })
  }

  /** @throws MemoryConfigError for options that are wrong, or that differ from place to place */
  define(name: string): NamedMemory {
    const overrides = this.overridesOf(name)
    const existing = this.named.get(name)
    if (existing !== undefined) {
      if (overrides === undefined || isDeepStrictEqual(overrides, existing.overrides)) return existing
      throw differing(name, 'overrides in a module that was loaded after the memory was made without them')
    }
    const options = this.resolve(name, overrides ?? {})
    this.refuseSharedNamespace(name, overrides?.namespace ?? options.namespace)
    const { resilience, journal, checks } = this.ground
    const tokens = tokenCounterOf(options.tokenCounter, this.modules, tokenCounterPath(name))
    const schema = checks.createStateSchema(options.state)
    const memory = new MemoryService(resilience, options, createSerialization(options), tokens, schema, journal)
    const made = { memory, options, overrides }
    this.named.set(name, made)
    return made
  }

  /** All that is provided is made by now: what options name, and is not there, need not wait for its first use to be missed. */
  onModuleInit(): void {
    const all = [
      [undefined, this.ground.resolved] as const,
      ...[...this.named].map(([name, { options }]) => [name, options] as const),
    ]
    for (const [name, { tokenCounter }] of all) {
      if (tokenCounter !== undefined) findTokenCounter(tokenCounter, this.modules, tokenCounterPath(name))
    }
  }

  /** What an earlier run journaled under a name that is no more is waiting for it: nobody else can make it. */
  onApplicationBootstrap(): void {
    const { journal, resolved } = this.ground
    if (journal?.isOpen !== true) return
    const all = [resolved, ...[...this.named.values()].map(({ options }) => options)]
    const prefixes = all.map(({ namespace }) => keyPrefix(namespace))
    const orphans = journal.sessions().filter((key) => !prefixes.some((prefix) => key.startsWith(prefix)))
    if (orphans.length === 0) return
    this.logger.warn(
      `the journal holds writes of ${orphans.length} sessions whose memory this application does not have (yet); they wait for it`,
    )
  }

  private overridesOf(name: string): MemoryFeatureOptions | undefined {
    const [overrides, ...others] = featureDefinitions(this.modules)
      .filter((definition) => definition.name === name)
      .flatMap((definition) => definition.overrides ?? [])
    const sections = others.flatMap((other) => sectionsThatDiffer(other, overrides!))
    if (sections.length === 0) return overrides
    throw differing(name, `overrides that differ in ${[...new Set(sections)].join(', ')}`)
  }

  private resolve(name: string, overrides: MemoryFeatureOptions): ResolvedMemoryOptions {
    const { given, resolved, transform, checks } = this.ground
    const merged = mergeFeatureOptions(given, overrides)
    const problems = checks.optionProblems(merged)
    if (problems.length > 0) {
      throw new MemoryConfigError(
        problems.map(({ path, ...problem }) => ({ ...problem, path: `${featurePath(name)}.${path}` })),
      )
    }
    const own = overrides.namespace ?? `${resolved.namespace}.${name}`
    const { namespace = own } = transform({ ...merged, namespace: own }, name)
    return { ...checks.resolveMemoryOptions(merged), namespace }
  }

  /** What was said counts, and not what the test kit made of it: what cannot start is not to pass its tests. */
  private refuseSharedNamespace(name: string, namespace: string): void {
    const others = [...this.named].map(
      ([other, { options, overrides }]) =>
        [`the memory '${other}'`, overrides?.namespace ?? options.namespace] as const,
    )
    const same = [['forRoot', this.ground.resolved.namespace] as const, ...others].find(
      ([, other]) => other === namespace,
    )
    if (same === undefined) return
    throw new MemoryConfigError({
      path: `${featurePath(name)}.namespace`,
      given: `'${namespace}', the namespace of ${same[0]},`,
      allowed: 'one that no other memory of the application has',
    })
  }
}

const tokenCounterPath = (name: string | undefined): string =>
  name === undefined ? 'tokenCounter' : `${featurePath(name)}.tokenCounter`

const sectionsThatDiffer = (one: MemoryFeatureOptions, other: MemoryFeatureOptions): string[] =>
  Object.keys({ ...one, ...other }).filter((key) => {
    const section = key as keyof MemoryFeatureOptions
    return !isDeepStrictEqual(one[section], other[section])
  })

const differing = (name: string, given: string): MemoryConfigError =>
  new MemoryConfigError({
    path: featurePath(name),
    given,
    allowed: `overrides in one place, before the memory is first used, and ${featurePath(name)} without any elsewhere`,
  })
