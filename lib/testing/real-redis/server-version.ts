import type { RealRedisVersion } from './real-redis-options.interface.js'
import type { ServerInfo } from './server-info.js'

interface Release {
  /** As messages name it. */
  readonly label: string
  readonly product: ServerInfo['product']
  readonly major: string
  /** Its program. */
  readonly program: string
  /** What the program answers to `--version`. */
  readonly says: RegExp
  /** Its official image, of a fixed version: a test run of today and one of next year meet the same server. */
  readonly image: string
}

const RELEASES: Readonly<Record<RealRedisVersion, Release>> = {
  7: {
    label: 'Redis 7',
    product: 'redis',
    major: '7',
    program: 'redis-server',
    says: /^Redis server v=7\./,
    image: 'redis:7.4.2-alpine',
  },
  8: {
    label: 'Redis 8',
    product: 'redis',
    major: '8',
    program: 'redis-server',
    says: /^Redis server v=8\./,
    image: 'redis:8.0.2-alpine',
  },
  valkey8: {
    label: 'Valkey 8',
    product: 'valkey',
    major: '8',
    program: 'valkey-server',
    says: /^Valkey server v=8\./,
    image: 'valkey/valkey:8.1.1-alpine',
  },
}

export const DEFAULT_VERSION: RealRedisVersion = '7'

export const releaseOf = (version: RealRedisVersion): Release => RELEASES[version]

/** What is looked for, as messages name it. */
export const labelOf = (version: RealRedisVersion | undefined): string =>
  version === undefined ? 'Redis' : releaseOf(version).label

/** @throws Error when there is no such version, with those there are */
export const readVersion = (name: string, value: string | undefined): RealRedisVersion | undefined => {
  if (value === undefined || isVersion(value)) return value
  throw new Error(`${name} must be one of ${Object.keys(RELEASES).join(', ')}`)
}

const isVersion = (value: string): value is RealRedisVersion => Object.hasOwn(RELEASES, value)

/** @throws Error when a server says that it is not what was asked for */
export const requireVersion = (
  kit: string,
  version: RealRedisVersion | undefined,
  { product, version: exact }: Pick<ServerInfo, 'product' | 'version'>,
): void => {
  if (version === undefined) return
  const wanted = releaseOf(version)
  if (product === wanted.product && exact.startsWith(`${wanted.major}.`)) return
  throw new Error(`${kit}: ${wanted.label} is asked for, and the server says that it is ${product} ${exact}`)
}
