/** @throws Error when an option is no whole number, or too small */
export const wholeNumberOption = (kit: string, name: string, value: number, least: number): number => {
  if (Number.isInteger(value) && value >= least) return value
  throw new Error(`${kit}: "${name}" must be a whole number of at least ${least}`)
}
