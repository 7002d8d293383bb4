import { MemoryError, type AgentSession, type SummaryCommit } from 'nestjs-agent-memory'
import { copySummaryScript } from '../../lib/redis/scripts/scripts.generated.js'
import type { MemoryUnderTest } from '../support/use-memory.js'
import type { Call, Outcome } from './session-call.js'
import { callOf, type Command } from './session-commands.js'
import { SessionModel, type Caps, type Copy } from './session-model.js'
import type { StoredSize } from './stored-size.js'

const LONGEST_BLOCK = 6 + 19 * 30
const WEEK = 604_800_000

const settle = async (call: Promise<unknown>): Promise<Outcome> => {
  try {
    return { ok: await call }
  } catch (error) {
    if (error instanceof MemoryError) return { error: error.code }
    throw error
  }
}

const versionIn = (outcome: Outcome): string | undefined =>
  'ok' in outcome ? (outcome.ok as { readonly version?: string }).version : undefined

const make = (session: AgentSession, call: Call): Promise<unknown> => {
  const { operationId } = call
  switch (call.kind) {
    case 'append':
      return session.append(call.messages, { operationId, expectedVersion: call.expectedVersion })
    case 'set':
    case 'patch': {
      const { values, expectedVersions, ttl } = call
      return session.state[call.kind](values, { operationId, expectedVersions, ttl })
    }
    case 'unset':
      return session.state.delete(call.fields, { operationId, expectedVersions: call.expectedVersions })
    case 'commit': {
      const { text, coversSeq, replaces, basedOn } = call
      return session.summary.commit({ text, coversSeq, replaces, basedOn, operationId } satisfies SummaryCommit)
    }
    default:
      return session[call.kind]({ operationId, expectedVersion: call.expectedVersion })
  }
}

/** One session, in Redis and in the model, going through the same. */
export class Run {
  readonly model: SessionModel
  private readonly id: string
  private readonly key: string
  private readonly calls: Call[] = []
  private readonly copies: { readonly raw: string; readonly copy: Copy }[] = []
  private operations = 0

  constructor(
    private readonly tested: MemoryUnderTest,
    caps: Caps,
    size: StoredSize,
    /** Fails when what is differs from what should be. */
    private readonly same: (actual: unknown, expected: unknown) => void,
  ) {
    this.model = new SessionModel(caps, size)
    const session = tested.newSession()
    this.id = session.id
    this.key = tested.keyOf(session)
  }

  async step(wanted: Command): Promise<void> {
    const { model } = this
    switch (wanted.do) {
      case 'messages':
        return this.compare(this.as(wanted.user).messages(wanted.window), () =>
          model.read(this.reader(wanted.user), wanted.window),
        )
      case 'context':
        return this.compare(this.as(wanted.user).context(wanted.window), () =>
          model.context(this.reader(wanted.user), wanted.window),
        )
      case 'state':
        return this.compare(this.as(wanted.user).state.get(), () => model.state(this.reader(wanted.user)))
      case 'summary':
        return this.compare(this.as(wanted.user).summary.get(), () => model.summaryOf(this.reader(wanted.user)))
      case 'info':
        return this.compare(this.as(wanted.user).info(), () => model.info(this.reader(wanted.user)))
      case 'retry':
        return this.retry(this.calls.at(-1 - wanted.back))
      case 'many':
        return this.many(wanted.count)
      case 'vanish':
        await this.tested.redis.del(this.key)
        return model.vanish()
      case 'forget copy':
        if (model.exists && !model.live) return
        await this.tested.redis.del(`${this.key}:summary`)
        model.copy = undefined
        return
      case 'expire fields':
        return this.expireFields()
      case 'late copy':
        return this.lateCopy(wanted.back)
      default: {
        const operationId =
          this.calls.at(-1 - (wanted.reuse ?? Infinity))?.operationId ?? `operation ${++this.operations}`
        const call = callOf(wanted, model, operationId)
        if (call !== undefined) await this.write(call)
      }
    }
  }

  /** The counters of the session against what stands in Redis. */
  async check(): Promise<void> {
    const { model, tested, key } = this
    const { redis } = tested
    const [hash, ttl, raw, copyTtl] = await Promise.all([
      redis.hgetallBuffer(key),
      redis.pttl(key),
      redis.get(`${key}:summary`),
      redis.pttl(`${key}:summary`),
    ])
    const names = Object.keys(hash)
    const named = (start: string): string[] =>
      names.filter((name) => name.startsWith(start)).map((name) => name.slice(start.length))
    const numbers = ['v', 'q', 'f', 'n', 'b', 'D', 'e'].filter((name) => hash[name] !== undefined)
    this.same(
      {
        ...Object.fromEntries(numbers.map((name) => [name, Number(hash[name])])),
        owner: hash['U']?.toString(),
        bytes: names.filter((name) => /^(?:m:|s:|y$)/.test(name)).reduce((sum, name) => sum + hash[name]!.length, 0),
        messages: named('m:')
          .map(Number)
          .toSorted((a, b) => a - b),
        fields: named('s:').toSorted(),
        names: (hash['S']?.toString() ?? '').split('\n').filter(Boolean).toSorted(),
        summary: names.includes('y'),
        blocksTooLong: named('o').filter((block) => hash[`o${block}`]!.length > LONGEST_BLOCK),
        beyondTheMark: model.live ? [] : names.filter((name) => !/^(?:v|k|q|D|o[0-7])$/.test(name)),
        lives: ttl > 0,
        copy: raw?.replace(/^(\d+ \d+) .*$/s, '$1'),
        copied: raw !== null && !raw.endsWith(':'),
        copyLives: copyTtl > 0,
      },
      {
        ...(model.exists && { v: model.v, q: model.q }),
        ...(model.live && { f: model.first, n: model.messages.length, b: model.bytes }),
        ...(model.deletedAt > 0 && { D: model.deletedAt }),
        ...(model.clearedAt > 0 && { e: model.clearedAt }),
        owner: model.user,
        bytes: model.live ? model.bytes : 0,
        messages: model.messages.map(({ seq }) => seq),
        fields: [...model.fields.keys()].toSorted(),
        names: [...model.fields.keys()].toSorted(),
        summary: model.summary !== undefined,
        blocksTooLong: [],
        beyondTheMark: [],
        lives: model.exists,
        copy: model.copy && `${model.copy.counter} ${model.copy.covers}`,
        copied: model.copy?.summary !== undefined,
        copyLives: model.copy !== undefined,
      },
    )
    if (raw !== null && model.copy !== undefined) this.copies.push({ raw, copy: model.copy })
  }

  /** A summary that outlived its session is its user's. */
  private reader(user: string | undefined): string | undefined {
    const { exists, copy } = this.model
    return !exists && copy?.summary !== undefined && copy.user !== undefined ? copy.user : user
  }

  private as(user: string | undefined): AgentSession {
    return this.tested.memory.session(this.id, { userId: this.reader(user) })
  }

  private async compare(call: Promise<unknown>, expected: () => Outcome): Promise<void> {
    this.same(await settle(call), expected())
  }

  private async write(wanted: Call): Promise<void> {
    const call = { ...wanted, user: this.reader(wanted.user) }
    this.calls.push(call)
    const outcome = await settle(make(this.as(call.user), call))
    this.tell(call, outcome, await this.versionMade(call, outcome))
  }

  private tell(call: Call, outcome: Outcome, version: string | undefined): void {
    this.same({ call, outcome }, { call, outcome: this.model.write(call, version) })
  }

  private async versionMade({ kind }: Call, outcome: Outcome): Promise<string | undefined> {
    if ('error' in outcome) return undefined
    // Deletions do not say it.
    const isReset = kind === 'delete' || kind === 'clear'
    return isReset ? (await this.tested.redis.hmget(this.key, 'v', 'k')).join('-') : versionIn(outcome)
  }

  private async retry(call: Call | undefined): Promise<void> {
    if (call === undefined) return
    const isOfAnEarlierHistory = call.kind === 'commit' && !this.model.known.includes(call.basedOn)
    if (isOfAnEarlierHistory && !this.model.knows(call.operationId)) return
    await this.write(call)
  }

  private async many(count: number): Promise<void> {
    const user = this.reader(this.model.user)
    const calls = Array.from({ length: count }, (_, index): Call => {
      const operationId = `operation ${++this.operations}`
      return { kind: 'set', user, operationId, values: { a: index }, expectedVersions: {} }
    })
    const outcomes = await Promise.all(calls.map((call) => settle(make(this.as(user), call))))
    const expected = calls.map((call, index) => this.model.write(call, versionIn(outcomes[index]!)))
    this.same(outcomes, expected)
  }

  /** Their time is written back, since waiting for it would take longer. */
  private async expireFields(): Promise<void> {
    for (const [name, { expires }] of this.model.fields) {
      if (expires !== 'later') continue
      const record = await this.tested.redis.hget(this.key, `s:${name}`)
      await this.tested.redis.hset(this.key, `s:${name}`, record!.replace(/^(1 \S+ \d+) \d+/, '$1 0000000000001'))
    }
    this.model.expireFields()
  }

  /** A writer that was held up between the session and the copy. */
  private async lateCopy(back: number): Promise<void> {
    const late = this.copies.at(-1 - back * 3)
    if (late === undefined || this.model.copy === undefined || late.copy.counter > this.model.copy.counter) return
    await this.tested.redis.eval(copySummaryScript.source, 1, `${this.key}:summary`, late.raw, WEEK, '')
    this.model.keep(late.copy)
  }
}
