import { ValidateIf } from 'class-validator'

/** Lets a field be absent. Unlike `IsOptional`, it does not let `null` pass. */
export const MayBeAbsent = (): PropertyDecorator => ValidateIf((_dto: object, value: unknown) => value !== undefined)
