import type { ObservedOperation } from './observed-operation.js'

/** Of all texts in what is sent or answered, in UTF-8. */
export const bytesOf = (payload: unknown): number => {
  if (typeof payload === 'string') return Buffer.byteLength(payload)
  if (!Array.isArray(payload)) return 0
  let bytes = 0
  for (const item of payload as readonly unknown[]) bytes += bytesOf(item)
  return bytes
}

/** Adds to the operation what `send` sends, and what it is answered. */
export const weighing = async <Arguments extends readonly unknown[], Reply>(
  operation: ObservedOperation,
  args: () => Arguments,
  send: (args: () => Arguments) => Promise<Reply>,
): Promise<Reply> => {
  const reply = await send(() => {
    const sent = args()
    operation.bytesWritten += bytesOf(sent)
    return sent
  })
  operation.bytesRead += bytesOf(reply)
  return reply
}
