/** @publicApi */
export interface Credentials {
  /**
   * The user of Redis' ACL.
   *
   * @default 'default'
   */
  readonly username?: string | undefined
  /** The password, or the token that stands for one. */
  readonly password: string
}

/**
 * Gives the credentials of a connection that is about to be made, each time one is: what it gave before is not kept. It has
 * half of `resilience.deadline` to answer; when it fails or is late, the connection is tried again a little later, and asks
 * again.
 *
 * @publicApi
 */
export type CredentialsProvider = () => Credentials | Promise<Credentials>
