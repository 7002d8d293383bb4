import { readRedisEnvironment, REDIS_BINARY_VARIABLE } from './environment.js'
import { findBinary } from './find-binary.js'

/** The program of a server, and what has to stand before its own arguments. */
export type ServerCommand = readonly [program: string, ...first: string[]]

/** @throws Error when there is no such program here, with the way to name one */
export const serverCommand = (): ServerCommand => {
  const { binary: named } = readRedisEnvironment()
  const binary = findBinary(named)
  if (binary !== undefined) return [binary]
  throw new Error(
    named === undefined
      ? `the backend "binary" needs a redis-server in PATH, or ${REDIS_BINARY_VARIABLE}`
      : `${REDIS_BINARY_VARIABLE} names no file that can be executed: ${named}`,
  )
}

/** Whether a program is named, which then has to be there, or one is found. */
export const hasServerCommand = (): boolean => {
  const { binary } = readRedisEnvironment()
  return binary !== undefined || findBinary(undefined) !== undefined
}
