/** What holds the options of a memory, and the state in it, against rules. */
export type Checks = typeof import('./checks.js')

/**
 * Loads it when an application starts, and not with the package: class-validator takes longer to load than all of the package.
 * A plain object, as other modules ask each provider of the application for its constructor, which a module has none of.
 */
export const loadChecks = async (): Promise<Checks> => ({ ...(await import('./checks.js')) })
