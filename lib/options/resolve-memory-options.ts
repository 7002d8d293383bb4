import { MemoryConfigError } from '../errors/memory-config.error.js'
import { bytesOf, delayOf, msOf } from './checked-units.js'
import { DEFAULT_OPTIONS } from './defaults.js'
import type {
  ConnectionOptions,
  DurabilityOptions,
  MemoryModuleOptions,
  SessionOptions,
} from './memory-options.interface.js'
import { optionProblems } from './option-problems.js'
import type { ResolvedMemoryOptions } from './resolved-options.interface.js'
import { resolveResilience } from './resilience/resolve-resilience.js'
import { resolveSerialization } from './serialization/resolve-serialization.js'

function resolveSession(session: SessionOptions = {}): ResolvedMemoryOptions['session'] {
  const defaults = DEFAULT_OPTIONS.session
  const ttl = msOf(session.ttl ?? defaults.ttl)
  const maxAge = session.maxAge === undefined ? Math.max(msOf(defaults.maxAge), ttl) : msOf(session.maxAge)
  const maxBytes = bytesOf(session.maxBytes ?? defaults.maxBytes)
  return {
    ttl,
    lifetime: (session.sliding ?? defaults.sliding) ? maxAge : Math.min(ttl, maxAge),
    maxMessages: session.maxMessages ?? defaults.maxMessages,
    maxBytes,
    maxMessageBytes: Math.min(bytesOf(session.maxMessageBytes ?? defaults.maxMessageBytes), maxBytes),
    onFull: session.onFull ?? defaults.onFull,
  }
}

const resolveDurability = (
  { replicas, timeout }: DurabilityOptions,
  deadline: number,
): ResolvedMemoryOptions['durability'] => ({
  replicas: replicas ?? DEFAULT_OPTIONS.durability.replicas,
  timeout: Math.min(delayOf(timeout ?? DEFAULT_OPTIONS.durability.timeout), deadline),
})

/** A copy, so that what the caller does to the object later does not matter; a client stays the very same. */
const resolveConnection = (connection: ConnectionOptions): ConnectionOptions => ({ ...connection })

/**
 * Checks the options and fills in the defaults. What is given is not changed, and nothing is connected.
 *
 * @throws MemoryConfigError with every problem there is
 */
export function resolveMemoryOptions(options: MemoryModuleOptions): ResolvedMemoryOptions {
  const problems = optionProblems(options)
  if (problems.length > 0) throw new MemoryConfigError(problems)
  const {
    connection,
    connectOnBoot,
    namespace,
    session,
    summary,
    state,
    tokenCounter,
    serialization,
    resilience,
    durability,
    requireNoEviction,
  } = options
  const resolved = resolveResilience(resilience)
  return {
    connection: resolveConnection(connection),
    connectOnBoot: connectOnBoot ?? DEFAULT_OPTIONS.connectOnBoot,
    namespace: namespace ?? DEFAULT_OPTIONS.namespace,
    session: resolveSession(session),
    summary: { ttl: msOf(summary?.ttl ?? DEFAULT_OPTIONS.summary.ttl) },
    state,
    tokenCounter,
    serialization: resolveSerialization(serialization),
    resilience: resolved,
    durability: durability && resolveDurability(durability, resolved.deadline),
    requireNoEviction: requireNoEviction ?? DEFAULT_OPTIONS.requireNoEviction,
  }
}
