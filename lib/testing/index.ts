export { describeWithRedis } from './describe-with-redis.js'
export { expectNoImmortalKeys, type NoImmortalKeysOptions } from './expect-no-immortal-keys.js'
export { isRedisAvailable } from './real-redis/is-redis-available.js'
export type { RealRedisBackend, RealRedisOptions } from './real-redis/real-redis-options.interface.js'
export { RealRedis } from './real-redis/real-redis.js'
export type { TestRunner } from './runner/test-runner.interface.js'
export { useTestRunner } from './runner/use-test-runner.js'
export { createMemoryTestingModule } from './testing-module/create-memory-testing-module.js'
export type {
  MemoryTestingModule,
  MemoryTestingModuleOptions,
} from './testing-module/memory-testing-module.interface.js'
