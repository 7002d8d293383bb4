import { BadRequestException, type Type, type ValidationPipeOptions } from '@nestjs/common'
import {
  CLASS_TO_PLAIN,
  PLAIN_TO_CLASS,
  type ClassTransformer,
  type Direction,
  type ExposeOptions,
} from '../class-transformer/class-transformer.interface.js'

/** An object that stands in many places is copied in each, and a few references may stand for more than there is memory. */
const MAX_VALUES = 10_000_000

type TransformerPackage = NonNullable<ValidationPipeOptions['transformerPackage']>

/** class-transformer as a ValidationPipe uses it, but it lets exact values be, which it would take apart. */
export class ExactTransformer implements TransformerPackage {
  constructor(
    private readonly transformer: ClassTransformer,
    private readonly isExact: (value: unknown) => boolean,
  ) {}

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
    let copied = 0
    executor.transform = (source, member, memberType, ...rest) => {
      copied += 1
      if (copied > MAX_VALUES) throw new BadRequestException(`The body stands for more than ${MAX_VALUES} values`)
      // What is of another class than `@Type` says is made one of it, for its rules to refuse.
      const kept = this.isExact(member) && (typeof memberType !== 'function' || member instanceof memberType)
      return kept ? member : walk(source, member, memberType, ...rest)
    }
    return walk(undefined, value, type, undefined, false)
  }
}
