import { Transform } from 'class-transformer'
import { IsInt, Max, Min } from 'class-validator'
import { MayBeAbsent } from './may-be-absent.decorator.js'

/** Digits only: `Number` would also take `''`, `' 5'`, `'0x10'` and `'1e3'`. What is no such text stays and is refused. */
const toInteger = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value

/** An integer from `min` to `max`, or its digits, as a query string has them; may be absent. */
export const QueryInteger = (min: 0 | 1, max = Number.MAX_SAFE_INTEGER): PropertyDecorator => {
  const decorators = [
    Transform(({ value }: { value: unknown }) => toInteger(value)),
    MayBeAbsent(),
    IsInt(),
    Min(min),
    Max(max),
  ]
  return (target, property) => {
    for (const decorate of decorators) decorate(target, property)
  }
}
