// An application on Express or Fastify, in a process of its own: `node server-process.mjs <platform> <redis url>`.
import 'reflect-metadata'
import { Body, Controller, Param, Post, ServiceUnavailableException } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Redis } from 'ioredis'
import { MemoryModule, MemoryService } from 'nestjs-agent-memory'
import { thinRecord } from '../peers/thin-record.mjs'
import { LATE_CODES } from '../run/too-late.mjs'

const [, , platform, url] = process.argv
const WINDOW = 20
const KEPT = 100
const TTL = 604_800

const client = new Redis(url)

class ChatController {
  constructor(memory) {
    this.memory = memory
  }

  echo(_id, body) {
    return body
  }

  async naive(id, { messages }) {
    const added = messages.map((message) => thinRecord(message))
    const kept = [...JSON.parse((await client.get(id)) ?? '[]'), ...added].slice(-KEPT)
    await client.setex(id, TTL, JSON.stringify(kept))
    return kept.slice(-WINDOW)
  }

  async turn(id, { messages }) {
    const session = this.memory.session(id)
    try {
      const appended = session.append(messages)
      const window = session.messages({ last: WINDOW })
      await appended
      return (await window).messages
    } catch (error) {
      throw LATE_CODES.has(error?.code) ? new ServiceUnavailableException() : error
    }
  }
}
// As decorators do it: this file is run as it is.
for (const route of ['echo', 'naive', 'turn']) {
  const { prototype } = ChatController
  Param('id')(prototype, route, 0)
  Body()(prototype, route, 1)
  Post(`${route}/:id`)(prototype, route, Object.getOwnPropertyDescriptor(prototype, route))
}
Controller()(ChatController)
Reflect.defineMetadata('design:paramtypes', [MemoryService], ChatController)

const appModule = {
  module: ChatController,
  imports: [MemoryModule.forRoot({ connection: { url }, session: { maxMessages: KEPT } })],
  controllers: [ChatController],
}

const adapterOf = async () => {
  if (platform === 'express') return new (await import('@nestjs/platform-express')).ExpressAdapter()
  return new (await import('@nestjs/platform-fastify')).FastifyAdapter()
}

const app = await NestFactory.create(appModule, await adapterOf(), { logger: ['error', 'fatal'] })
await app.listen(0, '127.0.0.1')
process.send({ port: app.getHttpServer().address().port })

const end = async () => {
  await app.close()
  client.disconnect()
  process.exit()
}
process.on('message', () => void end())
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => undefined)
