import type { AgentSession } from 'nestjs-agent-memory'

/** Appends one message after the other, each until it is acknowledged. */
export interface SteadyWriter {
  readonly session: AgentSession
  readonly acknowledged: readonly string[]
  stop(): Promise<void>
}

const MOST_MESSAGES = 100_000

export const writeSteadily = (session: AgentSession): SteadyWriter => {
  const acknowledged: string[] = []
  const stopping = new AbortController()
  const { signal } = stopping
  const append = async (content: string): Promise<void> => {
    while (!signal.aborted) {
      try {
        await session.append({ role: 'user', content }, { operationId: `${session.id}-${content}` })
        acknowledged.push(content)
        return
      } catch {
        // It is repeated under the same operation id.
      }
    }
  }
  const run = async (): Promise<void> => {
    for (let count = 0; !signal.aborted && count < MOST_MESSAGES; count++) await append(String(count))
  }
  const running = run()
  return {
    session,
    acknowledged,
    stop: () => {
      stopping.abort()
      return running
    },
  }
}

/** What stands in Redis of a writer. */
export const standing = async ({ session }: SteadyWriter): Promise<unknown[]> =>
  (await session.messages({ last: MOST_MESSAGES })).messages.map(({ content }) => content)
