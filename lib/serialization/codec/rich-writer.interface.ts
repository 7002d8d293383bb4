import type { PathStep } from '../codec.errors.js'

/** What the writers of rich values write their parts with. */
export interface RichWriter {
  /** @throws EncodeError, or what a getter or a proxy throws */
  text(value: unknown): string
  /** The same with `step` as the first step of the path of a refusal. */
  part(value: unknown, step: PathStep): string
  /** An own property, read once. */
  property(object: object, key: string): string
  /** The own properties of an object, whatever its prototype, as JSON text of an object. */
  object(object: object): string
  /** The items of a list without holes. */
  items(items: readonly unknown[]): string
  /** An array, holes included. */
  array(array: readonly unknown[]): string
  /** The data of an instance, in which the instance itself must not be met again. */
  inside(instance: object, data: unknown): string
  /** @param text JSON text of what the tag holds */
  tag(name: string, text: string): string
  /** Counts the length of an array with holes against the limit. */
  claim(sparseLength: number): void
  /** Notes what memory a view shows: two views of the same bytes would come back as two copies. */
  claimBytes(buffer: ArrayBufferLike, start: number, end: number): void
  /** Whether keys are to be written in one order. */
  readonly sorted: boolean
}
