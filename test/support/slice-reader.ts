import type { AgentSession } from 'nestjs-agent-memory'
import { Deadline } from '../../lib/redis/deadline.js'
import type { ScriptReply } from '../../lib/redis/run-script.js'
import { readScript } from '../../lib/redis/scripts/scripts.generated.js'
import { readSlices } from '../../lib/session/read-slices.js'
import type { FoundRecords, NoSession, WindowRequest } from '../../lib/session/window-request.interface.js'
import type { MemoryUnderTest } from './use-memory.js'

/** Larger than any window of a test. */
export const WHOLE = 1_000_000_000

/** What a read does between its slices: gets how many there were. */
type Between = (slicesBefore: number) => Promise<unknown>

/** Reads windows with the real script, in slices of any size. */
export class SliceReader {
  /** What the script answered to the last read. */
  slices: ScriptReply[] = []
  /** The bytes that the last read came to hold. */
  held = 0

  constructor(
    private readonly tested: MemoryUnderTest,
    private readonly script = readScript.source,
  ) {}

  async read(
    session: AgentSession,
    wanted: WindowRequest,
    bytes: number,
    between: Between = async () => undefined,
    deadline = new Deadline(10_000),
  ): Promise<FoundRecords | NoSession> {
    const slices: ScriptReply[] = []
    this.slices = slices
    this.held = 0
    const key = this.tested.keyOf(session)
    return readSlices(wanted, {
      read: async (args) => {
        if (slices.length > 0) await between(slices.length)
        const reply: unknown = await this.tested.redis.eval(this.script, 1, key, 0, '', ...args)
        slices.push(reply as ScriptReply)
        return reply as ScriptReply
      },
      bytes,
      held: { hold: (more) => void (this.held += more), letGo: () => void (this.held = 0) },
      deadline,
      sessionId: session.id,
    })
  }

  /** The same, of a session that must be there. */
  async found(...given: Parameters<SliceReader['read']>): Promise<FoundRecords> {
    const answer = await this.read(...given)
    if ('none' in answer) throw new Error('there is no session')
    return answer
  }
}
