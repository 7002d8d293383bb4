import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import {
  createMemoryTestingModule,
  describeWithRedis,
  expectNoImmortalKeys,
  type MemoryTestingModule,
  type TestRedis,
} from 'nestjs-agent-memory/testing'
import { AppModule } from '../../sample/01-support-agent/src/app.module.js'
import { extractSlots } from '../../sample/01-support-agent/src/slots/extract-slots.js'
import { AgentClient, type Answer, type SendBody, type WireTurn } from '../support/agent-client.js'
import { optionalDialogues, ownDialogues, type Dialogue, type Dialogues } from '../support/dialogues.js'

const SESSIONS_AT_A_TIME = 16
const RESEND_FOR_MS = 30_000

interface Said {
  readonly seq: number
  readonly role: string
  readonly content: string
}

/** What a session must hold, as the caller saw it come about. */
interface Expected {
  readonly said: Said[]
  readonly state: Record<string, unknown>
}

/** The application under test, of which there is another one after a restart. */
class RestartableAgent {
  #running: Promise<MemoryTestingModule>
  /** How often a message had to be sent again because the application was away. */
  resent = 0

  constructor(
    private readonly redis: TestRedis,
    readonly namespace: string,
  ) {
    this.#running = this.#start()
  }

  running(): Promise<MemoryTestingModule> {
    return this.#running
  }

  async client(): Promise<AgentClient> {
    const { url = '' } = await this.#running
    return new AgentClient(url)
  }

  /** Closes the application, with whatever it is doing, and starts another one on what it left. */
  async restart(): Promise<void> {
    const before = await this.#running
    await before.close()
    this.#running = this.#start()
    await this.#running
  }

  /** Sends a message until it is answered, each time under the same key. */
  async send(sessionId: string, body: SendBody, key: string): Promise<WireTurn> {
    const deadline = performance.now() + RESEND_FOR_MS
    for (;;) {
      const client = await this.client()
      // An application that is away does not answer at all.
      const answer = await client
        .send(sessionId, body, { 'idempotency-key': key })
        .catch((): Answer<WireTurn> | undefined => undefined)
      if (answer?.status === 201) return answer.body
      if (answer !== undefined && answer.status !== 503) {
        throw new Error(`status ${answer.status} for ${key}: ${JSON.stringify(answer.body)}`)
      }
      if (performance.now() > deadline) throw new Error(`no answer for ${key} within ${RESEND_FOR_MS} ms`)
      this.resent += 1
      await sleep(20)
    }
  }

  #start(): Promise<MemoryTestingModule> {
    const { redis, namespace } = this
    return createMemoryTestingModule({ redis, imports: [AppModule], namespace, listen: true, cleanUp: false })
  }
}

const note = ({ said }: Expected, role: string, content: string): void => {
  said.push({ seq: said.length + 1, role, content })
}

/** The slots the agent finds by itself, merged as it merges them. */
const noteSlots = ({ state }: Expected, content: string, given: object, createdAt: Date): void => {
  const { dates, ...others } = extractSlots(content, createdAt)
  const found = { ...others, ...(dates === undefined ? {} : { dates: { ...Object(state.dates), ...dates } }) }
  Object.assign(state, Object.fromEntries(Object.entries(found).filter(([slot]) => !Object.hasOwn(given, slot))))
}

const replay = async (agent: RestartableAgent, { id, turns }: Dialogue, afterTurn: () => void): Promise<Expected> => {
  const expected: Expected = { said: [], state: {} }
  for (const [index, { role, content, state = {} }] of turns.entries()) {
    const { message, reply } = await agent.send(id, { role, content, state }, `turn-${index}`)
    note(expected, role, content)
    Object.assign(expected.state, state)
    if (role === 'user') {
      noteSlots(expected, content, state, new Date(message.createdAt))
      if (reply === undefined) throw new Error(`no reply to turn ${index} of ${id}`)
      note(expected, 'assistant', reply.content)
    }
    afterTurn()
  }
  return expected
}

const replayAll = async (agent: RestartableAgent, dialogues: readonly Dialogue[]): Promise<Map<string, Expected>> => {
  const total = dialogues.reduce((sum, { turns }) => sum + turns.length, 0)
  const expected = new Map<string, Expected>()
  const queue = dialogues.values()
  let done = 0
  let restart: Promise<void> | undefined
  const afterTurn = (): void => {
    done += 1
    if (done >= total / 2) restart ??= agent.restart()
  }
  const work = async (): Promise<void> => {
    for (const dialogue of queue) expected.set(dialogue.id, await replay(agent, dialogue, afterTurn))
  }
  await Promise.all(Array.from({ length: SESSIONS_AT_A_TIME }, work))
  expect(restart).toBeDefined()
  await restart
  return expected
}

const compare = async (agent: RestartableAgent, id: string, expected: Expected): Promise<void> => {
  const client = await agent.client()
  const [{ body: read }, { body: state }] = await Promise.all([client.messages(id), client.state(id)])
  const said = read.messages.map(({ seq, role, content }) => ({ seq, role, content }))
  expect({ id, said, corrupt: read.corrupt }).toEqual({ id, said: expected.said, corrupt: [] })
  // As JSON, which is what the route answers with.
  expect({ id, values: state.values }).toEqual({ id, values: JSON.parse(JSON.stringify(expected.state)) as unknown })
  // And as the application itself gets it, dates as Date.
  const session = (await agent.running()).memory.session(id)
  expect({ id, values: (await session.state.get()).values }).toEqual({ id, values: expected.state })
  expect(await session.info()).toMatchObject({
    count: expected.said.length,
    firstSeq: 1,
    lastSeq: expected.said.length,
  })
}

const suiteFor = (redis: TestRedis, { source, dialogues }: Dialogues, name: string): void => {
  it(`${dialogues.length} dialogues of ${source}, over a restart: none lost, doubled, reordered or changed`, async () => {
    const agent = new RestartableAgent(redis, `${name}-${process.pid}-${Date.now()}`)
    try {
      const expected = await replayAll(agent, dialogues)
      expect(expected.size).toBe(dialogues.length)
      // The restart came while conversations were under way.
      expect(agent.resent).toBeGreaterThan(0)
      for (const [id, each] of expected) await compare(agent, id, each)
      await expectNoImmortalKeys(redis, { pattern: `am:{${agent.namespace}:*` })
    } finally {
      await (await agent.running()).close()
      await cleanUp(redis, agent.namespace)
    }
  }, 150_000)
}

/** The applications above leave their keys to one another; this one removes them. */
const cleanUp = async (redis: TestRedis, namespace: string): Promise<void> => {
  const last = await createMemoryTestingModule({ redis, imports: [AppModule], namespace })
  await last.close()
}

describeWithRedis('dialogues replayed through the routes of the support agent', (redis) => {
  suiteFor(redis, ownDialogues(), 'own')

  const optional = optionalDialogues()
  if (optional.dialogues.length > 0) suiteFor(redis, optional, 'optional')
})

describe('the dialogues of the project', () => {
  it('are several, each with a name of its own, and carry state', () => {
    const { dialogues } = ownDialogues()
    expect(dialogues.length).toBeGreaterThan(2)
    expect(new Set(dialogues.map(({ id }) => id)).size).toBe(dialogues.length)
    expect(dialogues.every(({ turns }) => turns.some(({ state }) => state !== undefined))).toBe(true)
  })
})
