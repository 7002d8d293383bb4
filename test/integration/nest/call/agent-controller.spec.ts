import { readFile } from 'node:fs/promises'
import { Module } from '@nestjs/common'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { MemoryModule } from 'nestjs-agent-memory'
import { createMemoryTestingModule, describeWithRedis, type MemoryTestingModule } from 'nestjs-agent-memory/testing'
import { AgentController } from './agent.controller.js'

const MOST_LINES = 15

describeWithRedis('an agent in a controller of fifteen lines', (redis) => {
  let agent: MemoryTestingModule
  beforeAll(async () => {
    const memory = MemoryModule.forRoot({ connection: redis.connection })
    @Module({ imports: [memory], controllers: [AgentController] })
    class AgentModule {}
    agent = await createMemoryTestingModule({ redis, imports: [AgentModule], listen: true })
  })
  afterAll(() => agent.close())

  const turn = async (chat: string, message: string, headers: Record<string, string> = {}): Promise<string> => {
    const response = await fetch(`${agent.url}/chats/${chat}/turns`, {
      method: 'POST',
      body: JSON.stringify({ message }),
      headers: { 'content-type': 'application/json', user: 'mia', ...headers },
    })
    expect(response.status).toBe(201)
    return response.text()
  }
  const kept = async (chat: string): Promise<unknown[]> =>
    (await agent.memory.session(chat).messages()).messages.map(({ content }) => content)

  it('has no more lines than that', async () => {
    const source = await readFile(new URL('agent.controller.ts', import.meta.url), 'utf8')
    const lines = source.slice(source.indexOf('@Controller')).trim().split('\n')
    expect(lines.length).toBeLessThanOrEqual(MOST_LINES)
  })

  it('remembers', async () => {
    expect(await turn('a', 'Hello')).toMatch(/^\d+: Hello$/)
    const second = await turn('a', 'Again')
    expect(second).toMatch(/^\d+: Hello \| \d+: Hello \| Again$/)
    expect(await kept('a')).toEqual(['Hello', expect.stringContaining('Hello'), 'Again', second])
  })

  it('has one turn of a key that comes ten times at once', async () => {
    const { asked } = agent.app.get(AgentController)
    const sent = Array.from({ length: 10 }, () => turn('b', 'Once', { 'idempotency-key': 'k' }))
    const answers = new Set(await Promise.all(sent))
    expect(answers.size).toBe(1)
    expect(agent.app.get(AgentController).asked).toBe(asked + 1)
    expect(await kept('b')).toEqual(['Once', ...answers])
  })

  it('streams', async () => {
    await turn('c', 'Hello')
    const response = await fetch(`${agent.url}/chats/c/stream?message=there`, { headers: { user: 'mia' } })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const events = [...(await response.text()).matchAll(/^data: (.*)$/gm)].map(([, data]) => data)
    expect(events).toEqual(['2 ', 'before ', 'there'])
    expect((await kept('c')).slice(2)).toEqual(['there', '2 before there'])
  })
})
