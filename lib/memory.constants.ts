/** Injects the options as they were resolved: defaults filled in, durations in milliseconds, sizes in bytes. */
export const RESOLVED_MEMORY_OPTIONS = Symbol('nestjs-agent-memory:resolved-options')

/**
 * Injects a function that may change the application's options before they are resolved: the seam through which the
 * test kit gives an application another connection and namespace.
 */
export const MEMORY_OPTIONS_TRANSFORM = Symbol('nestjs-agent-memory:options-transform')

/** Injects the options as they were given, changed by the transform: what named memories start from. */
export const GIVEN_MEMORY_OPTIONS = Symbol('nestjs-agent-memory:given-options')

/** Injects what options and state are checked with, which is loaded at the start of an application. */
export const CHECKS = Symbol('nestjs-agent-memory:checks')

/** The one MemoryService of an application; the modules that export it hand out this instance. */
export const ROOT_MEMORY = Symbol('nestjs-agent-memory:root-memory')

/** Injects the journal of writes made while Redis is away; `undefined` unless `onOutage` is 'journal'. */
export const JOURNAL = Symbol('nestjs-agent-memory:journal')
