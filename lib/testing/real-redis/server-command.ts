import { REDIS_BINARY_VARIABLE, type RedisEnvironment } from './environment.js'
import { findBinary } from './find-binary.js'
import { howToGetVersion } from './how-to-get-redis.js'
import { releaseOf } from './server-version.js'

/** The program of a server, and what has to stand before its own arguments. */
export type ServerCommand = readonly [program: string, ...first: string[]]

type Asked = Pick<RedisEnvironment, 'binary' | 'version'>

const whyNot = ({ binary, version }: Asked): string => {
  if (binary !== undefined && version !== undefined)
    return `${REDIS_BINARY_VARIABLE} names no program of ${releaseOf(version).label}: ${binary}`
  if (binary !== undefined) return `${REDIS_BINARY_VARIABLE} names no file that can be executed: ${binary}`
  if (version !== undefined)
    return `the backend "binary" finds no ${releaseOf(version).label}: ${howToGetVersion(version)}`
  return `the backend "binary" needs a redis-server in PATH, or ${REDIS_BINARY_VARIABLE}`
}

/** @throws Error when there is no such program here, with the way to name one */
export const serverCommand = (asked: Asked): ServerCommand => {
  const binary = findBinary(asked)
  if (binary === undefined) throw new Error(whyNot(asked))
  return [binary]
}

/** Whether a program is named, which then has to be there, or one is found. */
export const hasServerCommand = (asked: Asked): boolean => asked.binary !== undefined || findBinary(asked) !== undefined
