import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Class } from './serialization-options.interface.js'

/**
 * The schema of session state: a class with decorators of class-validator, or a Standard Schema of an object (zod, valibot,
 * arktype, …). It checks values and never changes them.
 *
 * @publicApi
 */
export type StateOption = Class<object> | StandardSchemaV1

/**
 * The type of a state that a schema describes: `MemoryService<StateOf<typeof BookingState>>`.
 *
 * @publicApi
 */
export type StateOf<Schema extends StateOption> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferInput<Schema>
  : Schema extends Class<infer State>
    ? State
    : never
