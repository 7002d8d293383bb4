/** A server that is to be started: the port of 127.0.0.1 on which it listens, and as what. */
export interface ServerPlan {
  readonly port: number
  readonly args: readonly string[]
  /** What stands in a configuration file, which the server may rewrite. Without, it has none. */
  readonly config?: string
  /** What stands in the folder of the configuration beside it, by its name. */
  readonly files?: Readonly<Record<string, string>>
  /** What clients have to say that name no user. */
  readonly password?: string
  /** The address of this machine from which it connects to others; without, the system chooses one. */
  readonly peer?: string
}

/** Arguments of a server that keeps nothing on disk unless it is told to. */
export const IN_MEMORY = ['--save', '', '--appendonly', 'no'] as const

export const urlOf = ({ port, password }: Pick<ServerPlan, 'port' | 'password'>): string => {
  const url = new URL(`redis://127.0.0.1:${port}`)
  if (password !== undefined) url.password = encodeURIComponent(password)
  return url.href
}
