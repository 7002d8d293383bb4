import { Deadline } from '../redis/deadline.js'
import { Hold } from './hold.js'

const MOST_MS = 2_500

/** The calls whose sessions are still needed: the application closes its memory when they have ended. */
export class CallsUnderWay extends Hold {
  /** Resolves when all of them have ended, or after some seconds. */
  async ended(): Promise<void> {
    await new Deadline(MOST_MS).race(this.released()).catch(() => undefined)
  }
}
