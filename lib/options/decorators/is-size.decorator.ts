import { parseSize } from '../size.js'
import { ParsesWith } from './parses-with.decorator.js'

/** Bytes, or a string of a number and its unit: `'1mb'`. */
export const IsSize = (): PropertyDecorator => ParsesWith('isSize', parseSize)
