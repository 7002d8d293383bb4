/** A request body that holds exact values, until MemoryBodyPipe makes them out of it: JSON, and so UTF-8. */
export class ExactBody {
  constructor(readonly bytes: Buffer) {}
}
