import type { Quarantine } from 'nestjs-agent-memory'
import type { MatrixOperation, Prepared, Session } from './matrix-operation.interface.js'

const BEFORE = ['first', 'second']
const SUMMARY = 'what came before'

const keyOf = (byte: number) => Buffer.alloc(32, byte)
const encryptedUnder = (current: string) => ({
  serialization: { encryption: { current, keys: { old: keyOf(1), new: keyOf(2) } } },
})

const own = (operationId: string | undefined, token: string) => ({ operationId: operationId ?? `operation-${token}` })

const texts = async (session: Session): Promise<unknown[]> =>
  (await session.messages()).messages.map(({ content }) => content)

const equal = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right)

const field = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, name) : undefined),
    value,
  )

const contents = (value: unknown): unknown[] => {
  const messages = field(value, 'messages')
  return Array.isArray(messages) ? messages.map((message) => field(message, 'content')) : []
}

const stored = (result: unknown): boolean => field(result, 'stored') === 'redis'

const storedTurn = (result: unknown, { token }: Prepared): boolean => stored(result) && equal(contents(result), [token])

const hasVersion = (result: unknown): boolean => typeof field(result, 'version') === 'string'

const appendNamed = ({ session, token }: Prepared, operationId: string | undefined): Promise<unknown> =>
  session.append({ role: 'user', content: token }, own(operationId, token))

const appended = async ({ session, token }: Prepared): Promise<boolean> =>
  equal(await texts(session), [...BEFORE, token])

/** Two messages, two fields of state, and a summary of what came before, which is written last. */
export const prepareSession = async (session: Session): Promise<void> => {
  await session.append(['summarized', ...BEFORE].map((content) => ({ role: 'user' as const, content })))
  await session.state.set({ city: 'Paris', guest: { name: 'Ada' } })
  const { version } = await session.info()
  await session.summary.commit({ text: SUMMARY, coversSeq: 1, replaces: null, basedOn: version })
}

/** The same, and the first message cannot be read. */
const prepareDamaged = async (session: Session, damage: (field: string) => Promise<void>): Promise<void> => {
  await prepareSession(session)
  await damage('m:2')
}

/** The quarantine is listed before the fault, as whoever repairs it does. */
const withQuarantine = {
  prepare: prepareDamaged,
  begin: (session: Session) => session.quarantine(),
}

const writes: MatrixOperation[] = [
  {
    name: 'append',
    kind: 'write',
    unnamed: true,
    run: ({ session, token }, operationId) => session.append({ role: 'user', content: token }, { operationId }),
    isRight: storedTurn,
    isThere: appended,
  },
  {
    name: 'append, operationId',
    kind: 'write',
    run: appendNamed,
    isRight: storedTurn,
    isThere: appended,
  },
  {
    name: 'append of three',
    kind: 'write',
    run: ({ session, token }, operationId) =>
      session.append(
        [1, 2, 3].map((number) => ({ role: 'user', content: `${token} ${number}` })),
        own(operationId, token),
      ),
    isRight: (result) => stored(result) && contents(result).length === 3,
    isThere: async ({ session, token }) =>
      equal(await texts(session), [...BEFORE, ...[1, 2, 3].map((number) => `${token} ${number}`)]),
  },
  {
    name: 'append to a new session',
    kind: 'write',
    prepare: () => Promise.resolve(),
    run: appendNamed,
    isRight: storedTurn,
    isThere: async ({ session, token }) => equal(await texts(session), [token]),
  },
  {
    name: 'state.set',
    kind: 'write',
    run: ({ session, token }, operationId) => session.state.set({ city: token }, own(operationId, token)),
    isRight: stored,
    isThere: async ({ session, token }) => (await session.state.value('city')) === token,
  },
  {
    name: 'state.patch',
    kind: 'write',
    run: ({ session, token }, operationId) => session.state.patch({ guest: { town: token } }, own(operationId, token)),
    isRight: stored,
    isThere: async ({ session, token }) => equal(await session.state.value('guest'), { name: 'Ada', town: token }),
  },
  {
    name: 'state.delete',
    kind: 'write',
    run: ({ session, token }, operationId) => session.state.delete(['guest'], own(operationId, token)),
    isRight: stored,
    isThere: async ({ session }) => equal((await session.state.get()).values, { city: 'Paris' }),
  },
  {
    name: 'summary.commit',
    kind: 'write',
    run: async ({ session, token, version }, operationId) =>
      session.summary.commit({
        text: token,
        coversSeq: 2,
        // The summary was the last thing prepared.
        replaces: version,
        basedOn: version,
        ...own(operationId, token),
      }),
    isRight: stored,
    isThere: async ({ session, token }) => (await session.summary.get())?.text === token,
  },
  {
    name: 'clear',
    kind: 'write',
    run: ({ session, token }, operationId) => session.clear(own(operationId, token)),
    isRight: hasVersion,
    isThere: async ({ session }) => {
      const info = await session.info()
      return info.exists && info.count === 0
    },
  },
  {
    name: 'delete',
    kind: 'write',
    run: ({ session, token }, operationId) => session.delete(own(operationId, token)),
    isRight: (result) => result === true,
    isThere: async ({ session }) => !(await session.info()).exists,
  },
  {
    name: 'quarantine.repair',
    kind: 'write',
    ...withQuarantine,
    run: ({ begun, token }, operationId) => {
      const quarantine = begun as Quarantine
      const replacement = { role: 'user', content: token }
      return quarantine.repair(quarantine.records[0]!, replacement, own(operationId, token))
    },
    isRight: hasVersion,
    isThere: async ({ session, token }) => equal(await texts(session), [token, BEFORE[1]]),
  },
  {
    name: 'quarantine.drop',
    kind: 'write',
    ...withQuarantine,
    run: ({ begun, token }, operationId) => {
      const quarantine = begun as Quarantine
      return quarantine.drop(quarantine.records, own(operationId, token))
    },
    isRight: hasVersion,
    isThere: async ({ session }) => (await session.quarantine()).records.length === 0,
  },
  {
    name: 'withLock',
    kind: 'write',
    run: ({ session, token }, operationId) =>
      session.withLock(
        ({ fence }) => session.append({ role: 'user', content: token }, { fence, ...own(operationId, token) }),
        { ttl: '1s', wait: '0ms' },
      ),
    isRight: stored,
    isThere: appended,
    // To take it, to write under it, to release it.
    deadlines: 3,
    versions: undefined,
    codes: ['LOCKED', 'LOCK_LOST'],
  },
  {
    name: 'reencrypt',
    kind: 'write',
    options: encryptedUnder('new'),
    preparedWith: encryptedUnder('old'),
    // It names no operation: what is done stays done, and what is left is for another call, as the first one says.
    run: async ({ session }) => {
      const first = await session.reencrypt()
      return first.remaining === 0 ? first : session.reencrypt()
    },
    isRight: (result) => field(result, 'remaining') === 0 && Number(field(result, 'current')) > 0,
    isThere: async ({ session }) => equal(await texts(session), BEFORE),
    deadlines: 6,
    versions: undefined,
  },
]

const reads: MatrixOperation[] = [
  {
    name: 'messages',
    kind: 'read',
    run: ({ session }) => session.messages(),
    isRight: (result) => equal(contents(result), BEFORE) && field(result, 'stale') === false,
  },
  {
    name: 'messages, last',
    kind: 'read',
    run: ({ session }) => session.messages({ last: 1 }),
    isRight: (result) => equal(contents(result), BEFORE.slice(-1)),
  },
  {
    name: 'context',
    kind: 'read',
    run: ({ session }) => session.context(),
    isRight: (result) =>
      equal(contents(result), BEFORE) && field(result, 'state', 'city') === 'Paris' && field(result, 'stale') === false,
  },
  {
    name: 'info',
    kind: 'read',
    run: ({ session }) => session.info(),
    isRight: (result) => field(result, 'count') === BEFORE.length,
  },
  {
    name: 'touch',
    kind: 'read',
    run: ({ session }) => session.touch(),
    isRight: (result) => field(result, 'expiresAt') instanceof Date,
  },
  {
    name: 'state.get',
    kind: 'read',
    run: ({ session }) => session.state.get(),
    isRight: (result) => equal(field(result, 'values'), { city: 'Paris', guest: { name: 'Ada' } }),
  },
  {
    name: 'state.value',
    kind: 'read',
    run: ({ session }) => session.state.value('city'),
    isRight: (result) => result === 'Paris',
  },
  {
    name: 'summary.get',
    kind: 'read',
    run: ({ session }) => session.summary.get(),
    isRight: (result) => field(result, 'text') === SUMMARY,
  },
  {
    name: 'quarantine',
    kind: 'read',
    prepare: prepareDamaged,
    run: ({ session }) => session.quarantine(),
    isRight: (result) => Array.isArray(field(result, 'records')) && field(result, 'records', 'length') === 1,
  },
]

/** Every public operation of a session. */
export const matrixOperations: readonly MatrixOperation[] = [...writes, ...reads]
