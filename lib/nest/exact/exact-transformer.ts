import { types as kinds } from 'node:util'
import { BadRequestException, type Type, type ValidationPipeOptions } from '@nestjs/common'
import {
  CLASS_TO_PLAIN,
  PLAIN_TO_CLASS,
  type ClassTransformer,
  type Direction,
  type ExposeOptions,
} from '../class-transformer/class-transformer.interface.js'
import { isBytes } from '../../serialization/built-in.js'

/** An object that stands in many places is copied in each, and a few references may stand for more than there is memory. */
const MAX_VALUES = 1_000_000
/** class-transformer takes a time that grows with the square of the members of an object. */
const MAX_MEMBERS = 20_000

/** Classes that class-transformer makes of a value as a whole. */
const LEAVES: ReadonlySet<unknown> = new Set([String, Number, Boolean, Date, Buffer])

/** Of what is walked member by member; items are not looked up. */
const membersOf = (value: object): number => {
  if (Array.isArray(value) || kinds.isSet(value)) return 0
  return kinds.isMap(value) ? value.size : Object.keys(value).length
}

const refuse = (what: string): never => {
  throw new BadRequestException(`The body ${what}`)
}

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
    const above: object[] = []
    let copied = 0

    const made = (member: object, memberType: unknown, copy: () => unknown): unknown => {
      if (above.includes(member)) refuse('holds an object that holds itself')
      if (membersOf(member) > MAX_MEMBERS) refuse(`holds an object of more than ${MAX_MEMBERS} members`)
      above.push(member)
      const items = this.isExact(member) && above.length > 1 ? itemsMade(member, memberType) : undefined
      const result = items ?? copy()
      above.pop()
      return result
    }
    // class-transformer would read a Map as if it were an object, and make an array of a Set.
    const itemsMade = (member: object, memberType: unknown): object | undefined => {
      const item = (each: unknown): unknown => executor.transform(undefined, each, memberType, undefined, false)
      if (kinds.isMap(member)) return new Map([...member].map(([key, each]) => [key, item(each)]))
      return kinds.isSet(member) ? new Set([...member].map(item)) : undefined
    }
    executor.transform = (source, member, memberType, ...rest) => {
      copied += 1
      if (copied > MAX_VALUES) refuse(`stands for more than ${MAX_VALUES} values`)
      if (typeof member !== 'object' || member === null) return walk(source, member, memberType, ...rest)
      if (this.isExact(member)) {
        if (typeof memberType !== 'function' || member instanceof memberType) return member
        // What is of another class than `@Type` says is made one of it, for its rules to refuse. Bytes are no members.
        if (isBytes(member) && !LEAVES.has(memberType)) return walk(source, {}, memberType, ...rest)
      }
      return made(member, memberType, () => walk(source, member, memberType, ...rest))
    }
    return executor.transform(undefined, value, type, undefined, false)
  }
}
