import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { StreamableFile } from '@nestjs/common'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { appendScript } from '../../../../lib/redis/scripts/scripts.generated.js'
import { maker, useTurnsApp } from './turns-app.js'

const bytes = Buffer.from('hello')
const parts = (): Readable => Readable.from([bytes, bytes])

async function* nothing(): AsyncGenerator<string> {
  // No value.
}

describeWithRedis('answers that could not be kept', (redis) => {
  describe.each(['express', 'fastify'] as const)('on %s', (platform) => {
    const app = useTurnsApp(redis, platform, { resilience: { deadline: '400ms', retry: { attempts: 1 } } })
    const fail = (): void => {
      app.proxy.on({ command: 'EVALSHA', when: ([sha]) => sha === appendScript.sha1, times: 50 }, 'cut-before')
    }

    it.each<[string, () => unknown]>([
      [
        'a generator',
        async function* () {
          yield 'hello'
        },
      ],
      ['a Readable', parts],
      ['a file', () => new StreamableFile(parts())],
      ['a file of a known length', () => new StreamableFile(parts(), { length: 10 })],
    ])('do not seem whole, once they have begun: %s', async (_name, make) => {
      app.model.answer = make
      fail()
      const response = await app.get('streams?message=hi', randomUUID())
      expect(response.status).toBe(200)
      await expect(response.text()).rejects.toThrow('terminated')
    })

    it.each<[string, () => unknown]>([
      ['a value', () => 'hello'],
      ['an empty generator', nothing],
      ['an empty Readable', () => Readable.from([])],
      ['an empty file', () => new StreamableFile(Readable.from([]))],
      ['a file that is sent at once', () => new StreamableFile(bytes)],
    ])('are no answer, before they have begun: %s', async (_name, make) => {
      app.model.answer = make
      fail()
      const response = await app.get('streams?message=hi', randomUUID())
      expect(response.status).toBe(503)
      expect(await response.json()).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    })

    it('by the fault of the application are its fault, also of a file', async () => {
      maker.make = () => {
        throw new Error('secret')
      }
      app.model.answer = () => new StreamableFile(bytes)
      const failed = await app.post('made', 'hi')
      expect(failed.status).toBe(500)
      expect(failed.text).not.toContain('secret')
    })

    it('leave it to the file to say that its source has failed', async () => {
      const told: string[] = []
      app.model.answer = () => {
        const source = new Readable({ read: () => source.destroy(new Error('no such file')) })
        return new StreamableFile(source).setErrorHandler((error, response) => {
          told.push(error.message)
          response.statusCode = 404
          response.send('none')
        })
      }
      const failed = await app.get('streams?message=hi')
      // Fastify has errors of streams answered by its own handler.
      expect([failed.status, told]).toEqual(platform === 'express' ? [404, ['no such file']] : [500, []])
      expect(await app.said()).toEqual([])
    })
  })
})
