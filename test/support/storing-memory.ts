import type {
  AgentSession,
  MemoryService,
  SessionOwner,
  SessionState,
  StoredAppend,
  StoredStateWrite,
} from 'nestjs-agent-memory'

type Values = Record<string, unknown>

export interface StoringState<State = Values> extends SessionState<State> {
  set(...given: Parameters<SessionState<State>['set']>): Promise<StoredStateWrite<State>>
  patch(...given: Parameters<SessionState<State>['patch']>): Promise<StoredStateWrite<State>>
  delete(...given: Parameters<SessionState<State>['delete']>): Promise<StoredStateWrite<State>>
}

/** A session whose writes are in Redis when they are answered. */
export interface StoringSession<State = Values, Metadata = Values> extends AgentSession<State, Metadata> {
  readonly state: StoringState<State>
  append(...given: Parameters<AgentSession<State, Metadata>['append']>): Promise<StoredAppend<Metadata>>
}

/** A memory without a journal: a write that Redis does not make is an error. */
export interface StoringMemory<State = Values, Metadata = Values> extends MemoryService<State, Metadata> {
  session(id: string, owner?: SessionOwner): StoringSession<State, Metadata>
}

const isStoring = <State, Metadata>(memory: MemoryService<State, Metadata>): memory is StoringMemory<State, Metadata> =>
  memory.status().journal === undefined

/** The memory of an application that has started, with what its writes answer as nothing goes to a journal. */
export const storing = <State, Metadata>(memory: MemoryService<State, Metadata>): StoringMemory<State, Metadata> => {
  if (!isStoring(memory))
    throw new Error('this memory has a journal, so its writes may be answered before they are stored')
  return memory
}
