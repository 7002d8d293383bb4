import { afterEach, expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import { Task } from '../../../bench/run/task.mjs'
import { open } from './faulty-target.mjs'

describeWithRedis(
  'a row of the benchmark',
  (redis) => {
    let memory: Awaited<ReturnType<typeof open>>
    let task: Task

    const appendTo = async (fault: string, calls: number): Promise<void> => {
      memory = await open({ url: redis.url, fault })
      task = new Task(memory, { name: 'row', operation: 'append', history: 100, callers: 1 })
      await task.refresh()
      for (let call = 0; call < calls; call += 1) await task.call(0)
    }

    afterEach(() => {
      memory.close()
    })

    it('is right when all that was appended stands there', async () => {
      await appendTo('none', 60)
      await expect(task.check()).resolves.toBeUndefined()
      for (let call = 0; call < 30; call += 1) await task.call(0)
      await expect(task.check()).resolves.toBeUndefined()
    })

    it.each(['loses one message', 'doubles one message', 'changes one message'])(
      'looks further back than a window: a target that %s',
      async (fault) => {
        await appendTo(fault, 60)
        await expect(task.check()).rejects.toMatchObject({
          name: 'WrongAnswer',
          message: expect.stringMatching(/^after append: 60 messages, \S+ to 159; right: 60 messages, 100 to 159$/),
        })
      },
    )

    it('has sessions of its length again after they grew', async () => {
      await appendTo('none', 60)
      await task.refresh()
      expect((await memory.last('row-2-0', 1_000)).map(({ content }) => Number.parseInt(content, 10))).toEqual(
        Array.from({ length: 100 }, (_, number) => number),
      )
      expect(await memory.last('row-1-0', 1_000)).toEqual([])
    })
  },
  { standalone: 'its target has a server', backend: 'binary' },
)
