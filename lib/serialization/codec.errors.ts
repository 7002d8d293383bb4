/** A step into a value: a key, or an index. */
export type PathStep = string | number

/** A value that cannot be kept exactly. It knows the way to it, from the value that was to be encoded. */
export class EncodeError extends Error {
  constructor(
    readonly steps: readonly PathStep[],
    readonly given: string,
    readonly allowed: string,
  ) {
    super(`${given} given; allowed: ${allowed}`)
    this.name = new.target.name
  }
}

/** A text that is not what the codec writes. Its message never holds the text. */
export class DecodeError extends Error {
  constructor(readonly reason: string) {
    super(reason)
    this.name = new.target.name
  }
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

/** What is further down is not looked for by reading a path. */
const MAX_STEPS = 40

const stepText = (step: PathStep): string => {
  if (typeof step === 'number') return `[${step}]`
  return IDENTIFIER.test(step) ? `.${step}` : `[${JSON.stringify(step.slice(0, 64))}]`
}

/** `messages[0]`, ['metadata', 'tags', 2] -> `messages[0].metadata.tags[2]` */
export const formatPath = (root: string, steps: readonly PathStep[]): string =>
  root + steps.slice(0, MAX_STEPS).map(stepText).join('') + (steps.length > MAX_STEPS ? '…' : '')
