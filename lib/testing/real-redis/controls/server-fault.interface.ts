/**
 * A state that a test has put a server into. `await using` takes it back at the end of the block, `restore()` before; the
 * second time nothing happens. What a test leaves, `stop()` takes back.
 *
 * @publicApi
 */
export interface ServerFault extends AsyncDisposable {
  /** Takes it back. Resolves when the server is as it was. */
  readonly restore: () => Promise<void>
}
