import {
  Inject,
  Injectable,
  Optional,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common'
import { defer, finalize, tap, type Observable } from 'rxjs'
import { CallsUnderWay } from '../../call/calls-under-way.js'
import { deferred } from '../../call/deferred.js'
import { Hold } from '../../call/hold.js'
import { currentCall, type MemoryCall, type OpenedSession } from '../../call/memory-call.js'
import { MemoryConfigError } from '../../errors/memory-config.error.js'
import { Memories } from '../../named/memories.js'
import { missingRoot } from '../../named/missing-root.js'
import { Serialization } from '../../serialization/serialization.js'
import type { TurnSession } from '../../session/turn-session.interface.js'
import { loadClassTransformer } from '../class-transformer/load-class-transformer.js'
import { withErrorEvent } from '../filter/error-event.js'
import { CallPlans, type CallPlan } from './call-metadata.js'
import type { OneTurnOptions, RememberTurnOptions } from './call-options.interface.js'
import { graphqlInfo } from './graphql-info.js'
import { keyOf } from './idempotency-key.js'
import { openCall } from './open-call.js'
import { placeOf, readFromCall } from './read-from-call.js'
import { handleInCall } from './run-in-call.js'
import { deliveryOf } from './turn/delivery.js'
import { rememberByKey } from './turn/remember-by-key.js'
import { rememberOnce } from './turn/remember-once.js'
import { replayableOf } from './turn/replayable.js'
import type { Turn } from './turn/turn.interface.js'
import { userMessage } from './turn/turn-messages.js'
import { heldByStream, underLock } from './turn/under-lock.js'

type Work = () => Observable<unknown>

/**
 * What `@UseMemory`, `@OneTurnAtATime` and `@RememberTurn` have run: opens the session, claims the turn, takes the lock, runs the
 * handler, keeps the turn, and lets go of the lock; in this order, whatever the order of the decorators.
 */
@Injectable()
export class MemoryInterceptor implements NestInterceptor {
  private readonly plans = new CallPlans()
  private readonly classTransformer = loadClassTransformer()

  constructor(
    @Optional() @Inject(Memories) private readonly memories: Memories | undefined,
    @Optional() @Inject(Serialization) private readonly serialization: Serialization | undefined,
    @Optional() @Inject(CallsUnderWay) private readonly calls: CallsUnderWay | undefined,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    // At a handler and at its class: once is enough.
    if (currentCall()?.context === context || isOfField(context)) return next.handle()
    return withErrorEvent(context, () => this.answer(context, next))
  }

  private async answer(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    if (this.memories === undefined || this.serialization === undefined || this.calls === undefined) {
      throw missingRoot('@UseMemory', 'it')
    }
    const plan = this.plans.of(context)
    const call = await openCall(this.memories, context, plan.used)
    const work = (): Observable<unknown> => handleInCall(call, () => next.handle())
    const hold = new Hold()
    const answer =
      plan.remembered === undefined
        ? this.locked(call, plan, hold, () => work().pipe(tap(heldByStream(hold, deliveryOf(context).over))))
        : await this.remembered(call, plan, plan.remembered, context, hold, work)
    return this.underWay(hold, answer)
  }

  /** Nobody closes the memory before what the call leaves to be done is done. */
  private underWay(hold: Hold, answer: Observable<unknown>): Observable<unknown> {
    return defer(() => {
      const { promise, resolve } = deferred()
      this.calls!.until(promise.then(() => hold.released()))
      return answer.pipe(finalize(resolve))
    })
  }

  private locked(call: MemoryCall, { oneTurn }: CallPlan, hold: Hold, work: Work): Observable<unknown> {
    if (oneTurn === undefined) return work()
    return underLock(lockedBy(call, oneTurn), oneTurn, hold, work, this.calls!)
  }

  private async remembered(
    call: MemoryCall,
    plan: CallPlan,
    options: RememberTurnOptions,
    context: ExecutionContext,
    hold: Hold,
    work: Work,
  ): Promise<Observable<unknown>> {
    const opened = openedBy(call, '@RememberTurn', options.name)
    const locked = plan.oneTurn && lockedBy(call, plan.oneTurn)
    const session = opened.session as TurnSession
    const said = userMessage(await readFromCall(context, options.user), placeOf(options.user, '@RememberTurn.user'))
    const user = session.ownMessage(said)
    const key = await keyOf(context, options)
    const turn: Turn = { opened, locked, session, options, user, delivery: deliveryOf(context), hold }
    if (key === undefined) return this.locked(call, plan, hold, () => rememberOnce(turn, work()))
    const { types } = this.serialization!
    const replayable = replayableOf(context, session, { types, classTransformer: this.classTransformer })
    const isJournaled = (): boolean => this.memories!.get(opened.name).status().journal !== undefined
    return rememberByKey({ ...turn, key, replayable, isJournaled }, (watch) =>
      this.locked(call, plan, hold, () => watch(work())),
    )
  }
}

const openedBy = (call: MemoryCall, decorator: string, name: string | undefined): OpenedSession => {
  const opened = call.named(name)
  if (opened !== undefined) return opened
  throw new MemoryConfigError({
    path: decorator,
    given: `a handler whose session ${name === undefined ? '' : `of the memory '${name}' `}nothing opens`,
    allowed: `beside @UseMemory({ session: 'params.sessionId'${name === undefined ? '' : `, name: '${name}'`} })`,
  })
}

const lockedBy = (call: MemoryCall, { name }: OneTurnOptions): OpenedSession => openedBy(call, '@OneTurnAtATime', name)

/** The fields of an object are resolved once for each object: the call is what the query asks for. */
const isOfField = (context: ExecutionContext): boolean => graphqlInfo(context)?.path?.prev !== undefined
