import { valueKind } from '../../errors/value-kind.js'

/** @throws RangeError when it is not a number from `least` up */
export const atLeast = (least: number, given: number, name: string): number => {
  if (typeof given === 'number' && given >= least) return given
  throw new RangeError(`FaultProxy.${name}: ${valueKind(given)} given; allowed: a number from ${least} up`)
}
