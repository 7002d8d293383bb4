import { expect, it } from '@jest/globals'
import { createMemoryTestingModule, describeWithRedis, FaultProxy } from 'nestjs-agent-memory/testing'
import { AppModule } from '../../sample/01-support-agent/src/app.module.js'
import { AgentClient } from '../support/agent-client.js'
import { ownDialogues } from '../support/dialogues.js'
import { poll } from '../support/poll.js'
import { RecordingLogger } from '../support/recording-logger.js'
import { succeeds } from '../support/succeeds.js'
import { useTelemetry } from '../support/use-telemetry.js'

/** Three words in a row are nobody's but the user's. */
const piecesOf = (content: string): string[] => {
  const words = content.split(' ')
  return words.slice(2).map((_word, place) => words.slice(place, place + 3).join(' '))
}

describeWithRedis('what the support agent tells of its users', (redis) => {
  const telemetry = useTelemetry()

  it('is none of their words: not in logs, spans, metrics and errors, of calls that succeed and that fail', async () => {
    const logger = new RecordingLogger()
    await using proxy = await FaultProxy.before(redis)
    await using agent = await createMemoryTestingModule({
      redis,
      through: proxy,
      imports: [AppModule],
      createApplication: (module) => module.createNestApplication({ logger }),
      listen: true,
    })
    const client = new AgentClient(agent.url ?? '')
    const errors: string[] = []
    const said: string[] = []
    const say = async (chat: string, content: string, key: string): Promise<void> => {
      said.push(content)
      const response = await client.fetch('POST', `/agents/${chat}/messages`, { 'idempotency-key': key }, { content })
      const text = await response.text()
      if (!response.ok) errors.push(text)
    }

    const [first, second] = ownDialogues().dialogues
    for (const { id, turns } of [first!, second!]) {
      const spoken = turns.filter(({ role }) => role === 'user')
      for (const [index, { content }] of spoken.entries()) {
        await say(id, content, `${id}-${index}`)
        // Sent again, and with other words under the same key.
        await say(id, content, `${id}-${index}`)
        await say(id, `${content} Otherwise.`, `${id}-${index}`)
      }
      await say(id, `${spoken[0]!.content} `.repeat(5_000), `${id}-large`)
    }
    const refused = errors.length
    await proxy.refuse()
    for (const [index, { content }] of first!.turns.slice(0, 3).entries())
      await say(first!.id, content, `away-${index}`)
    expect(proxy.faults.refused).toBeGreaterThan(0)
    await proxy.restore()
    await poll(() => succeeds(agent.memory.session('again').info()))
    // A record that cannot be read.
    const broken = agent.memory.session('broken')
    await broken.append({ role: 'user', content: said[0]! })
    const admin = redis.client()
    await admin.hset(`am:{${agent.namespace}:~:s:broken}`, 'm:1', `garbage ${said[0]}`)
    admin.disconnect()
    expect((await broken.messages()).corrupt).toHaveLength(1)

    expect([refused > 4, errors.length > refused]).toEqual([true, true])
    expect(telemetry.spans().length).toBeGreaterThan(20)
    const spans = telemetry
      .spans()
      .map(({ name, attributes, status, events }) => ({ name, attributes, status, events }))
    const told = {
      logs: logger.lines.map(({ whole }) => whole).join('\n'),
      spans: JSON.stringify(spans),
      metrics: JSON.stringify(await telemetry.metrics()),
      errors: errors.join('\n'),
    }
    expect(told.logs).toContain('AgentMemory')
    const pieces = [...new Set(said.flatMap(piecesOf))]
    expect(pieces.length).toBeGreaterThan(50)
    for (const [where, text] of Object.entries(told)) {
      expect({ where, pieces: pieces.filter((piece) => text.includes(piece)) }).toEqual({ where, pieces: [] })
    }
  })
})
