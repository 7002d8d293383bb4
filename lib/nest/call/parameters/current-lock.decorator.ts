import { createParamDecorator } from '@nestjs/common'
import { MemoryConfigError } from '../../../errors/memory-config.error.js'
import type { OfMemory } from './current-session.decorator.js'
import { openedFor } from './opened-for.js'

export const currentLock = ({ name }: OfMemory): unknown => {
  const { lock } = openedFor('@CurrentLock()', name)
  if (lock !== undefined) return lock
  throw new MemoryConfigError({
    path: '@CurrentLock()',
    given: 'a call that holds no lock',
    allowed: 'at a handler with @OneTurnAtATime()',
  })
}

const decorate = createParamDecorator(currentLock)

/**
 * The lock that `@OneTurnAtATime` holds, as SessionLock: give its `fence` to what the handler writes, and its `signal` to what
 * takes long.
 *
 * @publicApi
 */
export const CurrentLock = (options: OfMemory = {}): ParameterDecorator => decorate(options)
