import { types as kinds } from 'node:util'
import { Inject, Injectable, type Type, type ValidationPipeOptions } from '@nestjs/common'
import { MemoryConfigError } from '../../errors/memory-config.error.js'
import {
  CLASS_TO_PLAIN,
  PLAIN_TO_CLASS,
  type ClassTransformer,
  type Direction,
  type ExposeOptions,
} from '../class-transformer/class-transformer.interface.js'
import { loadClassTransformer } from '../class-transformer/load-class-transformer.js'
import { Serialization } from '../../serialization/serialization.js'
import { isBuiltIn } from '../plain-json/built-in.js'

type TransformerPackage = NonNullable<ValidationPipeOptions['transformerPackage']>

/**
 * class-transformer for a ValidationPipe behind MemoryBodyPipe: as ever, but it lets Maps, Sets and instances of registered
 * classes be, which class-transformer would take apart.
 *
 *     new ValidationPipe({ transform: true, transformerPackage: new MemoryTransformer(serialization) })
 *
 * @throws MemoryConfigError when class-transformer is not installed
 * @publicApi
 */
@Injectable()
export class MemoryTransformer implements TransformerPackage {
  private readonly transformer: ClassTransformer

  constructor(@Inject(Serialization) private readonly serialization: Serialization) {
    const transformer = loadClassTransformer()
    if (transformer === undefined) {
      throw new MemoryConfigError({
        path: 'MemoryTransformer',
        given: 'no class-transformer',
        allowed: 'the package class-transformer, as ValidationPipe needs it too',
      })
    }
    this.transformer = transformer
  }

  plainToInstance<T>(type: Type<T>, plain: unknown, options?: ExposeOptions): T | T[] {
    return this.transform(PLAIN_TO_CLASS, type, plain, options) as T | T[]
  }

  classToPlain(object: unknown, options?: ExposeOptions): Record<string, unknown> {
    return this.transform(CLASS_TO_PLAIN, undefined, object, options) as Record<string, unknown>
  }

  private transform(direction: Direction, type: unknown, value: unknown, options: ExposeOptions = {}): unknown {
    const { TransformOperationExecutor } = this.transformer
    const executor = new TransformOperationExecutor(direction, { exposeUnsetFields: true, ...options })
    const walk = executor.transform.bind(executor)
    executor.transform = (source, member, memberType, ...rest) => {
      const kept = this.isExact(member) && (typeof memberType !== 'function' || member instanceof memberType)
      return kept ? member : walk(source, member, memberType, ...rest)
    }
    return walk(undefined, value, type, undefined, false)
  }

  /** What plain JSON could not have brought: it is what it should be already. */
  private isExact(value: unknown): boolean {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    return isBuiltIn(value) || kinds.isNativeError(value) || this.serialization.types.of(value) !== undefined
  }
}
