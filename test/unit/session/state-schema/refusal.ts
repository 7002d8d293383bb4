import { MemoryInvalidError } from '../../../../lib/errors/memory-invalid.error.js'
import type { StateOption } from '../../../../lib/options/state-option.interface.js'
import { createStateSchema } from '../../../../lib/session/state-schema/create-state-schema.js'
import type { StateSchema } from '../../../../lib/session/state-schema/state-schema.interface.js'

export const schemaOf = (option: StateOption): StateSchema => {
  const schema = createStateSchema(option)
  if (schema === undefined) throw new Error('no schema')
  return schema
}

/** The error that a write of these values gets. */
export const refusal = async (option: StateOption, values: Record<string, unknown>): Promise<MemoryInvalidError> => {
  try {
    await schemaOf(option).check(values)
  } catch (error) {
    if (error instanceof MemoryInvalidError) return error
    throw error
  }
  throw new Error('was accepted')
}

/** Why which of these values count as corrupt when they are read. */
export const reasons = async (option: StateOption, values: Record<string, unknown>): Promise<Record<string, string>> =>
  Object.fromEntries(await schemaOf(option).problems(new Map(Object.entries(values))))
