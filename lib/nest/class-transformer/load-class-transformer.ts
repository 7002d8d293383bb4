import { createRequire } from 'node:module'
import type { ClassTransformer } from './class-transformer.interface.js'

const require = createRequire(import.meta.url)

/**
 * class-transformer, the very instance the application's decorators write to; `undefined` where the optional peer is not
 * installed.
 */
export function loadClassTransformer(): ClassTransformer | undefined {
  try {
    require.resolve('class-transformer')
  } catch {
    return undefined
  }
  return {
    ...(require('class-transformer/cjs/TransformOperationExecutor.js') as Pick<
      ClassTransformer,
      'TransformOperationExecutor'
    >),
    ...(require('class-transformer/cjs/storage.js') as Pick<ClassTransformer, 'defaultMetadataStorage'>),
  }
}
