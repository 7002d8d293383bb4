import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Injectable, type OnModuleInit } from '@nestjs/common'
import { MemoryConfigError } from '../../errors/memory-config.error.js'
import { ClassRules } from './class-rules.js'
import { loadClassTransformer } from './load-class-transformer.js'

/** A file of a bundle is none of this package, which knows itself by its name. */
const isBundled = (): boolean => {
  try {
    const manifest = createRequire(import.meta.url).resolve('nestjs-agent-memory/package.json')
    return !import.meta.url.startsWith(`${pathToFileURL(dirname(manifest)).href}/`)
  } catch {
    return true
  }
}

/** What the application imports, which a bundler may have put into the bundle; `undefined` where it is not installed. */
const ofApplication = async (): Promise<Pick<typeof import('class-transformer'), 'Exclude'> | undefined> => {
  try {
    return await import('class-transformer')
  } catch {
    return undefined
  }
}

/** Whether what a decorator of the application hides is seen to be hidden. */
const isSeen = ({ Exclude }: Pick<typeof import('class-transformer'), 'Exclude'>): boolean => {
  const transformer = loadClassTransformer()
  if (transformer === undefined) return false
  class Probe {
    hidden = true
  }
  Exclude()(Probe.prototype, 'hidden')
  return new ClassRules(transformer).hides(new Probe())
}

/** Of class-transformer, a bundle may hold one copy, and this module find another: what `@Exclude` hides would go out. */
@Injectable()
export class BundleCheck implements OnModuleInit {
  /** @throws MemoryConfigError in a bundle that has class-transformer in it */
  async onModuleInit(): Promise<void> {
    if (!isBundled()) return
    const classTransformer = await ofApplication()
    if (classTransformer === undefined || isSeen(classTransformer)) return
    throw new MemoryConfigError({
      path: 'class-transformer',
      given: 'a bundle that has it inside, where what its decorators say cannot be read,',
      allowed: "class-transformer as 'external' of the bundler, and installed beside the bundle",
    })
  }
}
