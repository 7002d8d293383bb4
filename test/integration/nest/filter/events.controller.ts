import { setImmediate as turn } from 'node:timers/promises'
import {
  Controller,
  Inject,
  Injectable,
  Query,
  SerializeOptions,
  Sse,
  type ExecutionContext,
  type MessageEvent,
} from '@nestjs/common'
import {
  CurrentSession,
  MemoryInvalidError,
  OneTurnAtATime,
  RememberTurn,
  UseMemory,
  type AgentSession,
} from 'nestjs-agent-memory'
import { concat, defer, EMPTY, from, map, NEVER, of, type Observable } from 'rxjs'

/** What a test has the streams say, and do at their end. */
@Injectable()
export class Script {
  words = ['a ', 'b']
  end: () => unknown = () => undefined

  play(): Observable<MessageEvent> {
    const words = from(this.words).pipe(map((data): MessageEvent => ({ data })))
    return concat(words, defer(async () => this.end()).pipe(map((end) => ({ data: String(end) }))))
  }
}

const later = async (context: ExecutionContext): Promise<string> => {
  await turn()
  return context.switchToHttp().getRequest<{ query: Record<string, string> }>().query['id'] as string
}

/** Streams of server-sent events that may fail in every place there is. */
@Controller('sessions/:id')
@UseMemory({ session: 'params.id', user: 'headers.x-user-id' })
export class EventsController {
  constructor(@Inject(Script) private readonly script: Script) {}

  @Sse('used')
  used(): Observable<MessageEvent> {
    return this.script.play()
  }

  /** Says of its values no more than a class exposes, which is nothing. */
  @Sse('exposed')
  @SerializeOptions({ type: Script, strategy: 'excludeAll' })
  exposed(): Observable<MessageEvent> {
    return this.script.play()
  }

  @Sse('refused')
  refused(): Observable<MessageEvent> {
    throw new MemoryInvalidError({ path: 'query.page', given: 'a text', allowed: 'a number' })
  }

  @Sse('read')
  async read(@CurrentSession() session: AgentSession): Promise<Observable<MessageEvent>> {
    return of({ data: (await session.messages()).version })
  }

  @Sse('later')
  @UseMemory({ session: later })
  later(): Observable<MessageEvent> {
    return EMPTY
  }

  @Sse('locked')
  @OneTurnAtATime({ wait: '0ms' })
  locked(): Observable<MessageEvent> {
    return this.script.play()
  }

  @Sse('held')
  @OneTurnAtATime()
  held(): Observable<MessageEvent> {
    return concat(of({ data: 'held' }), NEVER)
  }

  @Sse('turns')
  @RememberTurn({ user: 'query.message' })
  turns(@Query('message') _message: string): Observable<MessageEvent> {
    return this.script.play()
  }
}
