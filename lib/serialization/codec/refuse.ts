import { valueKind } from '../../errors/value-kind.js'
import { EncodeError, type PathStep } from '../codec.errors.js'

const ALLOWED =
  'plain data, Date, Map, Set, RegExp, URL, Error, bytes, and instances of the classes in `serialization.types`'

export const refuse = (given: string, allowed = ALLOWED): never => {
  throw new EncodeError([], given, allowed)
}

/** What is thrown by anything but the codec comes from a getter, a proxy or the like; its message may hold user text. */
export const asRefusal = (error: unknown): EncodeError =>
  error instanceof EncodeError ? error : new EncodeError([], 'a value that throws when it is read', ALLOWED)

/** A refusal, seen from one level above. */
export const below = (step: PathStep, error: unknown): EncodeError => {
  const { steps, given, allowed } = asRefusal(error)
  return new EncodeError([step, ...steps], given, allowed)
}

export const refuseKindOf = (value: unknown): never => refuse(valueKind(value))

/** @throws EncodeError when an instance of a built-in class has properties of its own */
export const requireNothingBeside = (value: object, name: string, expected = 0): void => {
  if (Reflect.ownKeys(value).length > expected) refuse(`an instance of ${name} with properties of its own`)
}
