/** The text of a request body that holds exact values, until MemoryBodyPipe makes them out of it. */
export class ExactBody {
  constructor(readonly text: string) {}
}
