import { UseInterceptors } from '@nestjs/common'
import { INTERCEPTORS_METADATA } from '@nestjs/common/constants.js'
import { MemoryInterceptor } from './memory.interceptor.js'

/** At a handler or at its class. @publicApi */
export type CallDecorator = ClassDecorator & MethodDecorator

/** Sets metadata on a handler or a class, and has the one interceptor run that all of it is for. */
export const withInterceptor =
  (set: (target: object) => void): CallDecorator =>
  (target: object, key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const decorated = (descriptor?.value ?? target) as object
    set(decorated)
    const present: unknown = Reflect.getOwnMetadata(INTERCEPTORS_METADATA, decorated)
    if (Array.isArray(present) && present.includes(MemoryInterceptor)) return
    const use = UseInterceptors(MemoryInterceptor) as (...where: readonly unknown[]) => unknown
    use(target, key, descriptor)
  }
