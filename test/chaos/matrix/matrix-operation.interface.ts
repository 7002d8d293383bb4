import type { AgentSession, MemoryModuleOptions, Version } from 'nestjs-agent-memory'

export type Session = AgentSession

/** What is there before an operation, and what the operation writes. */
export interface Prepared {
  readonly session: Session
  /** Found nowhere else. */
  readonly token: string
  /** Of the session after it was prepared; `'0'` when there is none. */
  readonly version: Version
  /** What `begin` answered. */
  readonly begun: unknown
}

/** One public operation, as the matrix runs it. */
export interface MatrixOperation {
  readonly name: string
  readonly kind: 'read' | 'write'
  /** What is told apart from a session as the others have it. @default messages, state and a summary */
  readonly prepare?: (session: Session, damage: (field: string) => Promise<void>) => Promise<unknown>
  /** What the application does before the fault, with the session behind it. */
  readonly begin?: (session: Session) => Promise<unknown>
  /**
   * @param prepared with a session behind the fault
   * @param operationId of the first call, when this is a repeat; `undefined` lets the operation choose, where it names its own
   */
  readonly run: (prepared: Prepared, operationId: string | undefined) => Promise<unknown>
  /** Whether this is the right answer. */
  readonly isRight: (result: unknown, prepared: Prepared) => boolean
  /** Whether what it writes is there, once and whole, looked at past the fault; for writes. */
  readonly isThere?: (prepared: Prepared) => Promise<boolean>
  /** The application names no operation, so that the same call after an answer is another write. */
  readonly unnamed?: true
  /** How many deadlines it may take: of a call that is several calls. @default 1 */
  readonly deadlines?: number
  /** How many versions it makes. @default 1 for a write, 0 for a read; `undefined` for one that is not counted */
  readonly versions?: number | undefined
  /** What it may fail with besides what the fault allows. */
  readonly codes?: readonly string[]
  /** Of the memory that runs it. */
  readonly options?: Pick<MemoryModuleOptions, 'serialization'>
  /** Of the memory that prepares it and looks at what became of it. */
  readonly preparedWith?: Pick<MemoryModuleOptions, 'serialization'>
}
