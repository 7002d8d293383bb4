import { MemoryTooLargeError } from '../../errors/memory-too-large.error.js'

/** @throws MemoryTooLargeError for a payload over `session.maxMessageBytes` */
export const validateBytes = (payload: string, max: number, path: string): void => {
  const bytes = Buffer.byteLength(payload)
  if (bytes > max) {
    throw new MemoryTooLargeError(`${path}: ${bytes} bytes given; allowed: up to maxMessageBytes, ${max}`, { path })
  }
}
