import { REDIS_URL_VARIABLE } from './environment.js'

/** What to do when there is no Redis to test against: one text for errors and for skipped suites. */
export const HOW_TO_GET_REDIS = `set ${REDIS_URL_VARIABLE}, start Docker (with the package testcontainers installed), or install redis-server`
