import { parseDeadline } from '../duration.js'
import { ParsesWith } from './parses-with.decorator.js'

/** A duration, or a number of milliseconds. */
export const IsDeadline = (): PropertyDecorator => ParsesWith('isDeadline', parseDeadline)
