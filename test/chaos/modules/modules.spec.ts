import { expect, it } from '@jest/globals'
import { describeWithRedis } from 'nestjs-agent-memory/testing'
import type { ModulesOutcome } from './cycle-modules.js'
import { modulesProblems } from './show-modules.js'
import { runWorker } from '../../support/run-worker.js'

describeWithRedis(
  'modules that come and go',
  () => {
    it('leave no connection, handle, file or heap behind', async () => {
      const outcome = await runWorker<ModulesOutcome>('module-cycler', { modules: 40 })
      expect(outcome.made).toMatchObject({ 'server away': 5, 'has a journal': 5 })
      expect(modulesProblems(outcome)).toEqual([])
    }, 120_000)
  },
  { backend: 'binary' },
)
