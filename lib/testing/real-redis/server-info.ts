import { withProbeClient } from './probe-client.js'

/** What a server says it is. */
export interface ServerInfo {
  readonly product: 'redis' | 'valkey'
  /** As `7.0.15`. */
  readonly version: string
  readonly processId: number
  /** Whether it still loads its data, and answers little else than this. */
  readonly loading: boolean
}

/** @internal exported for its test */
export const parseServerInfo = (info: string): ServerInfo => {
  const fields = new Map(
    info.split(/\r?\n/).flatMap((line): [string, string][] => {
      const colon = line.indexOf(':')
      return colon === -1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)]]
    }),
  )
  // Valkey goes on answering with a `redis_version` for old clients.
  const valkey = fields.get('valkey_version')
  const version = valkey ?? fields.get('redis_version')
  if (version === undefined) throw new Error('the server does not say its version in INFO')
  return {
    product: valkey === undefined ? 'redis' : 'valkey',
    version,
    processId: Number(fields.get('process_id')),
    loading: fields.get('loading') === '1',
  }
}

/** @throws when nothing answers as Redis there within a few seconds */
export const readServerInfo = (url: string): Promise<ServerInfo> =>
  withProbeClient(url, async (client) => parseServerInfo(await client.info()))
