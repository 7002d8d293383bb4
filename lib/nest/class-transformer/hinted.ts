import type { TypeHint } from './class-transformer.interface.js'

/** A member that `@Type(…)` says more about than its value does. */
export class Hinted {
  constructor(
    readonly value: unknown,
    readonly type: TypeHint,
  ) {}
}
