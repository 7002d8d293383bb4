import { performance } from 'node:perf_hooks'

/** The server's clock as it was read once, going on by this process's monotonic one: a few ms behind at the most. */
export class ServerClock {
  private readonly offset: number

  /** @param time the server's, in ms, as it has just been answered */
  constructor(time: number) {
    this.offset = time - performance.now()
  }

  /** In ms. */
  now(): number {
    return performance.now() + this.offset
  }
}
