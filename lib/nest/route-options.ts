import { SerializeOptions, type ExecutionContext } from '@nestjs/common'
import { RENDER_METADATA, SSE_METADATA } from '@nestjs/common/constants.js'
import type { ExposeOptions } from './class-transformer/class-transformer.interface.js'

const SERIALIZE_OPTIONS = SerializeOptions({}).KEY
/** `@SerializeOptions({ schema })` is for another interceptor, and says nothing of decorators. */
const NOT_OF_CLASSES: ReadonlySet<string> = new Set(['schema', 'validateOptions'])

/** What the decorators of a handler and its controller say of its answers. */
export class RouteOptions {
  constructor(private readonly context: ExecutionContext) {}

  /** What `@SerializeOptions(…)` says of classes, at the handler or else at the controller. */
  get expose(): ExposeOptions | undefined {
    const [ofHandler, ofClass] = [this.context.getHandler(), this.context.getClass()].map(
      (target) => Reflect.getMetadata(SERIALIZE_OPTIONS, target) as ExposeOptions | undefined,
    )
    const options = ofHandler ?? ofClass
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
    return Reflect.hasMetadata(key, this.context.getHandler())
  }
}
