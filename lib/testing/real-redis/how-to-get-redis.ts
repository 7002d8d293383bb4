import { REDIS_BINARY_VARIABLE, REDIS_URL_VARIABLE } from './environment.js'
import type { RealRedisVersion } from './real-redis-options.interface.js'
import { releaseOf } from './server-version.js'

/** What to do when there is no Redis to test against: one text for errors and for skipped suites. */
export const HOW_TO_GET_REDIS = `set ${REDIS_URL_VARIABLE}, start Docker (with the package testcontainers installed), or install redis-server`

/** The same when it has to be of a version. */
export const howToGetVersion = (version: RealRedisVersion): string =>
  `put its ${releaseOf(version).program} into PATH or name it in ${REDIS_BINARY_VARIABLE}, start Docker (with the package testcontainers installed), or run "node scripts/ensure-redis.mjs ${version}" in a checkout of nestjs-agent-memory`

export const howToGet = (version: RealRedisVersion | undefined): string =>
  version === undefined ? HOW_TO_GET_REDIS : howToGetVersion(version)
