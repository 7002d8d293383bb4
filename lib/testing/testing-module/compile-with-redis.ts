import type { INestApplicationContext } from '@nestjs/common'
import type { TestingModule } from '@nestjs/testing'
import { MEMORY_OPTIONS_TRANSFORM } from '../../memory.constants.js'
import type { ConnectionOptions } from '../../options/memory-options.interface.js'
import type { MemoryOptionsTransform } from '../../options/memory-options-transform.interface.js'
import type { MemoryTestingModuleOptions } from './memory-testing-module.interface.js'

// Loaded when it is needed: an optional peer, which the rest of the test kit does without.
const loadNestTesting = () =>
  import('@nestjs/testing').catch((cause: unknown) => {
    throw new Error('the package @nestjs/testing is not installed (npm install --save-dev @nestjs/testing)', { cause })
  })

/** Compiles the application with the memory's connection and namespace replaced. */
export const compileWithRedis = async (
  options: MemoryTestingModuleOptions<INestApplicationContext>,
  connection: ConnectionOptions,
  namespace: string,
): Promise<TestingModule> => {
  const { Test } = await loadNestTesting()
  let replaced = false
  const transform: MemoryOptionsTransform = (original, name) => {
    replaced = true
    return { ...original, connection, namespace: name === undefined ? namespace : `${namespace}.${name}` }
  }
  const { imports, providers = [], controllers = [], override = (same) => same } = options
  const builder = Test.createTestingModule({ imports, providers, controllers })
    .overrideProvider(MEMORY_OPTIONS_TRANSFORM)
    .useValue(transform)
  const module = await override(builder).compile()
  if (replaced) return module
  await module.close()
  // Going on would run the tests on whatever server the application itself is configured for.
  throw new Error('createMemoryTestingModule found no MemoryModule.forRoot or forRootAsync among the imports')
}
