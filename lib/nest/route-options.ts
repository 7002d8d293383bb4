import { SerializeOptions, type ExecutionContext } from '@nestjs/common'
import { RENDER_METADATA, SSE_METADATA } from '@nestjs/common/constants.js'
import { Reflector } from '@nestjs/core'
import type { ExposeOptions } from './class-transformer/class-transformer.interface.js'

const SERIALIZE_OPTIONS = SerializeOptions({}).KEY
/** `@SerializeOptions({ schema })` is for another interceptor, and says nothing of decorators. */
const NOT_OF_CLASSES: ReadonlySet<string> = new Set(['schema', 'validateOptions'])

/** What the decorators of a handler and its controller say of its answers. */
export class RouteOptions {
  private readonly reflector = new Reflector()

  constructor(private readonly context: ExecutionContext) {}

  /** What `@SerializeOptions(…)` says of classes, at the handler or else at the controller. */
  get expose(): ExposeOptions | undefined {
    const targets = [this.context.getHandler(), this.context.getClass()]
    const options = this.reflector.getAllAndOverride<ExposeOptions | undefined>(SERIALIZE_OPTIONS, targets)
    return Object.keys(options ?? {}).some((name) => !NOT_OF_CLASSES.has(name)) ? options : undefined
  }

  /** Server-sent events. */
  get isSse(): boolean {
    return this.has(SSE_METADATA)
  }

  /** A page made by a template engine. */
  get isRendered(): boolean {
    return this.has(RENDER_METADATA)
  }

  private has(key: string): boolean {
    return this.reflector.get<unknown>(key, this.context.getHandler()) !== undefined
  }
}
