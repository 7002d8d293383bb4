import { IsIn } from 'class-validator'

export const OneOf = (...words: readonly string[]): PropertyDecorator =>
  IsIn(words, { message: words.map((word) => `'${word}'`).join(' or ') })
