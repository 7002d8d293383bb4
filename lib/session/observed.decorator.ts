import type { OperationName } from '../observability/memory-events.js'
import type { Circumstances } from '../observability/memory-telemetry.js'
import type { SessionStore } from './session-store.js'

/** What the parts of a session have in common. */
interface PartOfSession {
  readonly store: SessionStore
}

/**
 * Makes a method a call that traces, metrics and events tell of.
 *
 * @param circumstances what its answer says of how it came about; without it, the answer is not looked at
 */
export const observed =
  <Result>(operation: OperationName, circumstances?: (result: Result) => Circumstances) =>
  <Method extends (...given: never[]) => Promise<Result>>(
    _part: object,
    _name: string,
    method: TypedPropertyDescriptor<Method>,
  ): void => {
    const call = method.value!
    const observing = function (this: PartOfSession, ...given: unknown[]): Promise<Result> {
      return this.store.observe(operation, () => Reflect.apply(call, this, given) as Promise<Result>, circumstances)
    }
    method.value = observing as unknown as Method
  }

/** Of a write. */
export const wrote = ({
  duplicate,
  stored,
}: {
  readonly duplicate?: boolean
  readonly stored?: string
}): Circumstances => ({ duplicate, journaled: stored === 'journal' })

/** Of a read. */
export const answered = ({ stale }: { readonly stale: boolean }): Circumstances => ({ stale })
