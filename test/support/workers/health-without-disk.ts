// Fills a journal until its disk fails, and answers how the memory is then: while Redis is away, and when it is back.
import { AgentMemoryHealthIndicator, type AgentMemoryHealth } from 'nestjs-agent-memory'
import { FaultProxy, type ProxyTarget } from 'nestjs-agent-memory/testing'
import { poll } from '../poll.js'
import { openQuietMemory } from '../quiet-memory.js'
import { input } from './input.js'

export interface HealthWithoutDiskInput {
  readonly directory: string
  readonly server: Pick<ProxyTarget, 'host' | 'port'>
  readonly namespace: string
}

type Health = AgentMemoryHealth[string] | undefined

export interface HealthWithoutDiskOutput {
  /** What the write was refused with that the disk refused. */
  readonly refusal: unknown
  readonly away: Health
  readonly back: Health
}

const { directory, server, namespace } = input() as HealthWithoutDiskInput
await using proxy = await FaultProxy.before(server)
await proxy.refuse()
await using opened = await openQuietMemory({
  connection: proxy.connection,
  namespace,
  resilience: { deadline: 300, onOutage: 'journal', journal: { directory } },
})
const { app, memory } = opened
const indicator = app.get(AgentMemoryHealthIndicator)
const health = async (): Promise<Health> => (await indicator.isReady('memory', { cacheFor: 0 }))['memory']

const refusalOf = async (number: number): Promise<unknown> => {
  try {
    await memory.session(`session-${number}`).append({ role: 'user', content: 'x'.repeat(50_000) })
    return undefined
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

let refusal: unknown
for (let number = 0; number < 100 && refusal === undefined; number++) refusal = await refusalOf(number)
const away = await health()
await proxy.restore()
const back = await poll(async () => {
  const found = await health()
  return found?.status === 'up' ? found : undefined
})
const output: HealthWithoutDiskOutput = { refusal, away, back }
process.stdout.write(JSON.stringify(output))
