import { types as kinds } from 'node:util'
import { ValidationPipe, type ArgumentMetadata, type PipeTransform, type ValidationPipeOptions } from '@nestjs/common'
import { MemoryConfigError } from '../../errors/memory-config.error.js'
import type { Serialization } from '../../serialization/serialization.js'
import type { ClassTransformer } from '../class-transformer/class-transformer.interface.js'
import { loadClassTransformer } from '../class-transformer/load-class-transformer.js'
import { isBuiltIn } from '../../serialization/built-in.js'
import { ExactTransformer } from './exact-transformer.js'
import { stripPrototypeKeys } from './strip-prototype-keys.js'

const requireClassTransformer = (): ClassTransformer => {
  const transformer = loadClassTransformer()
  if (transformer !== undefined) return transformer
  throw new MemoryConfigError({
    path: 'MemoryValidationPipe',
    given: "'class-transformer', a package that is not installed,",
    allowed: 'it after `npm install class-transformer`',
  })
}

/** What plain JSON could not have brought: it is what it should be already. */
const exactBy =
  ({ types }: Serialization) =>
  (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    return isBuiltIn(value) || kinds.isNativeError(value) || types.of(value) !== undefined
  }

/** With a transformer of its own, until the next pipe is made: the one made last decides for all of them. */
class ExactValidationPipe extends ValidationPipe {
  constructor(
    options: ValidationPipeOptions,
    private readonly isExact: (value: unknown) => boolean,
  ) {
    super(options)
  }

  protected override stripProtoKeys(value: unknown): void {
    stripPrototypeKeys(value, this.isExact)
  }
}

/** @publicApi */
export type MemoryValidationOptions = Omit<ValidationPipeOptions, 'transformerPackage'>

/**
 * Nest's ValidationPipe for the place behind MemoryBodyPipe. It works the same, with the same options, but hands Maps, Sets
 * and instances of registered classes on as they are; Nest's would make other things of them.
 *
 *     app.useGlobalPipes(new MemoryBodyPipe(serialization), new MemoryValidationPipe(serialization, { whitelist: true }))
 *
 * @throws MemoryConfigError when class-transformer is not installed
 * @publicApi
 */
export class MemoryValidationPipe implements PipeTransform {
  private readonly options: ValidationPipeOptions
  private readonly isExact: (value: unknown) => boolean

  constructor(serialization: Serialization, options: MemoryValidationOptions = {}) {
    this.isExact = exactBy(serialization)
    this.options = { ...options, transformerPackage: new ExactTransformer(requireClassTransformer(), this.isExact) }
  }

  async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    return new ExactValidationPipe(this.options, this.isExact).transform(value, metadata)
  }
}
