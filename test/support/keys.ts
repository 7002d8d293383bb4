/** A key of 32 bytes that are all the same: recognizable, and no secret. */
export const testKey = (byte: number): Buffer => Buffer.alloc(32, byte)
