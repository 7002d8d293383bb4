export interface RestartOptions {
  /** Whether it comes back with what it held; a server that is down already, with what it had on disk. */
  readonly keepData: boolean
  /**
   * Arguments for this start only, without spaces in them.
   *
   * @default []
   */
  readonly args?: readonly string[]
  /**
   * Whether it is up as soon as it says that it loads its data, or when it has done so.
   *
   * @default false
   */
  readonly loading?: boolean
}

/** A server that is a process of ours. */
export interface ServerProcess {
  /** `undefined` while it is down. */
  readonly id: number | undefined
  /** As the kernel does when memory runs out: nothing is saved. */
  readonly kill: () => Promise<void>
  /** Ends the server, if it is up, and starts it on the same port. */
  readonly restart: (options: RestartOptions) => Promise<void>
}
