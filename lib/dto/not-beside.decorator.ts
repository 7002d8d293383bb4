import { ValidateBy, type ValidationArguments } from 'class-validator'

const isGiven = (dto: object, field: string): boolean => Reflect.get(dto, field) !== undefined

/** Refuses a field when one of the others is given as well. */
export const NotBeside = (...others: readonly string[]): PropertyDecorator =>
  ValidateBy({
    name: 'notBeside',
    constraints: [others],
    validator: {
      validate: (_value: unknown, args?: ValidationArguments) =>
        args === undefined || !others.some((other) => isGiven(args.object, other)),
      defaultMessage: () => `$property must not be given beside ${others.join(', ')}`,
    },
  })
