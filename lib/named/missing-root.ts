import { MemoryConfigError } from '../errors/memory-config.error.js'

/** What there is without a root memory to stand on. */
export const missingRoot = (path: string, given: string): MemoryConfigError =>
  new MemoryConfigError({
    path,
    given: `${given} without MemoryModule.forRoot(…) anywhere in the application`,
    allowed: "one MemoryModule.forRoot({ connection: { url: 'redis://…' } }) in the imports of the root module",
  })
