/** A Lua script as it goes to the server. */
export interface Script {
  readonly name: string
  readonly sha1: string
  readonly source: string
}
