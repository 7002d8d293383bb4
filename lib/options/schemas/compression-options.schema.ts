import { DEFAULT_OPTIONS } from '../defaults.js'
import { IfGiven } from '../decorators/if-given.decorator.js'
import { ParsesWith } from '../decorators/parses-with.decorator.js'
import { parseSize, type ParsedSize } from '../size.js'

const { minBytes: LEAST } = DEFAULT_OPTIONS.serialization.compression

const parseMinBytes = (value: unknown): ParsedSize => {
  const [parsed, least] = [parseSize(value), parseSize(LEAST)]
  const tooSmall = 'bytes' in parsed && 'bytes' in least && parsed.bytes < least.bytes
  return tooSmall ? { problem: `at least '${LEAST}': to compress less never pays` } : parsed
}

/** The rules for `serialization.compression`, where it is an object. */
export class CompressionOptionsSchema {
  @IfGiven()
  @ParsesWith('isMinBytes', parseMinBytes)
  minBytes?: unknown
}
