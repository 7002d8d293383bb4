import { parseDuration } from '../duration.js'
import { ParsesWith } from './parses-with.decorator.js'

/** A string of a number and its unit: `'7d'`. */
export const IsDuration = (): PropertyDecorator => ParsesWith('isDuration', parseDuration)
