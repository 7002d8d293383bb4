import { ValidateIf } from 'class-validator'

/** Leaves out what is `undefined`, which stands for the default; `null` does not. */
export const IfGiven = (): PropertyDecorator => ValidateIf((_options: object, value: unknown) => value !== undefined)
