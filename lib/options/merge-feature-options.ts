import type { MemoryFeatureOptions } from './memory-feature-options.interface.js'
import type { MemoryModuleOptions } from './memory-options.interface.js'

/** What is `undefined` is left out, as it is everywhere in the options. */
const given = <Options extends object>(options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options

/** What overrides say, as a copy; `undefined` when they say nothing. */
export const givenOverrides = (overrides: MemoryFeatureOptions = {}): MemoryFeatureOptions | undefined => {
  const { session, summary, serialization } = overrides
  const own = given({
    ...overrides,
    session: session && given(session),
    summary: summary && given(summary),
    serialization: serialization && given(serialization),
  })
  return Object.keys(own).length === 0 ? undefined : own
}

/** The options of a named memory: its own, and for the rest those of forRoot, except for the namespace. */
export const mergeFeatureOptions = (root: MemoryModuleOptions, own: MemoryFeatureOptions): MemoryModuleOptions => ({
  ...root,
  ...own,
  namespace: own.namespace,
  session: { ...root.session, ...own.session },
  summary: { ...root.summary, ...own.summary },
  serialization: { ...root.serialization, ...own.serialization },
})
