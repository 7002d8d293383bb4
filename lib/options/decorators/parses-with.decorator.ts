import { ValidateBy } from 'class-validator'

/** Makes a rule of a parser that answers with a `problem` to what it refuses. */
export const ParsesWith = (name: string, parse: (value: unknown) => object | { problem: string }): PropertyDecorator =>
  ValidateBy({
    name,
    validator: {
      validate: (value) => !('problem' in parse(value)),
      defaultMessage: (refused) => {
        const parsed = parse(refused?.value)
        return 'problem' in parsed ? parsed.problem : ''
      },
    },
  })
