import type { ClassSerializerContextOptions } from '@nestjs/common'

/** What `@SerializeOptions(…)` says at a handler or its controller. */
export type ExposeOptions = ClassSerializerContextOptions

export type AnyClass = abstract new (...args: never[]) => unknown

/** Where a property's class depends on a member of its value. */
export interface Discriminated {
  readonly options: {
    readonly discriminator: {
      readonly property: string
      readonly subTypes: readonly { readonly name: string; readonly value: unknown }[]
    }
  }
}

/** What `@Type(…)` says of a property: a class, or how to find it for each item of an array. */
export type TypeHint = AnyClass | Discriminated

export const PLAIN_TO_CLASS = 0
export const CLASS_TO_PLAIN = 1
export type Direction = typeof PLAIN_TO_CLASS | typeof CLASS_TO_PLAIN

/** Walks a value by the decorators of its classes; calls its own `transform` for each member. */
export interface TransformOperationExecutor {
  transform(
    source: unknown,
    value: unknown,
    targetType: unknown,
    arrayType: unknown,
    isMap: boolean,
    level?: number,
  ): unknown
}

export interface MetadataStorage {
  getStrategy(target: AnyClass): 'excludeAll' | 'exposeAll' | 'none'
  getExposedProperties(target: AnyClass, direction: Direction): string[]
  getExcludedProperties(target: AnyClass, direction: Direction): string[]
  findTypeMetadata(target: AnyClass, property: string): object | undefined
  findTransformMetadatas(target: AnyClass, property: string, direction: Direction): object[]
}

/**
 * The parts of class-transformer that apply decorators to one object and tell which decorators a class has. Its public
 * functions only walk a whole value, and take what they do not know (a Decimal) apart.
 */
export interface ClassTransformer {
  readonly TransformOperationExecutor: new (direction: Direction, options: ExposeOptions) => TransformOperationExecutor
  readonly defaultMetadataStorage: MetadataStorage
}
