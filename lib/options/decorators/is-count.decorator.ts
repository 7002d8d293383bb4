import { ValidateBy } from 'class-validator'

/** A whole number above 0. */
export const IsCount = (): PropertyDecorator =>
  ValidateBy({
    name: 'isCount',
    validator: {
      validate: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
      defaultMessage: () => 'a whole number above 0',
    },
  })
