import type { ResolvedMemoryOptions } from '../options/resolved-options.interface.js'
import { createEnvelope } from './envelope/create-envelope.js'
import { ValueCodec } from './codec/value-codec.js'
import { Serialization } from './serialization.js'
import { createTypes } from './types/create-types.js'

/** @throws MemoryConfigError for a class that cannot be kept as its definition says */
export const createSerialization = ({ serialization }: ResolvedMemoryOptions): Serialization => {
  const types = createTypes(serialization.types)
  return new Serialization(types, new ValueCodec(types), createEnvelope(serialization))
}
