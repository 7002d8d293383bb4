import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryError, type MemoryModuleOptions } from 'nestjs-agent-memory'
import { openQuietMemory, type QuietMemory } from '../../support/quiet-memory.js'

/** Where modules of each kind connect to. */
export interface Addresses {
  readonly server: string
  /** Nobody listens there. */
  readonly nobody: string
  /** Connections are accepted, and nothing gets through. */
  readonly silent: string
}

/** Makes one module, uses it, and closes it. */
export type ModuleKind = (addresses: Addresses, number: number) => Promise<void>

const DEADLINE = 60

const opened = async (options: MemoryModuleOptions, use: (opened: QuietMemory) => Promise<void>): Promise<void> => {
  await using memory = await openQuietMemory(options)
  await use(memory)
}

const write = async ({ memory }: QuietMemory, number: number, stored: string): Promise<void> => {
  const result = await memory.session(`session-${number % 100}`).append({ role: 'user', content: `module ${number}` })
  if (result.stored !== stored) throw new Error(`stored: ${result.stored}, not ${stored}`)
}

/** It must not work: a kind of module that is there for a fault proves the fault. */
const fails = async (call: Promise<unknown>): Promise<void> => {
  const error: unknown = await call.then(
    () => 'no error',
    (reason: unknown) => reason,
  )
  if (!(error instanceof MemoryError)) throw new Error('a call should have failed', { cause: error })
}

const inDirectory = async (work: (directory: string) => Promise<void>): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'agent-memory-modules-'))
  try {
    await work(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

const journalOf = (directory: string) => ({ deadline: DEADLINE, onOutage: 'journal', journal: { directory } }) as const

export const moduleKinds: Readonly<Record<string, ModuleKind>> = {
  'writes and reads': ({ server }, number) =>
    opened({ connection: { url: server } }, async (module) => {
      await write(module, number, 'redis')
      await module.memory.session(`session-${number % 100}`).messages({ last: 5 })
    }),
  'is never used': ({ server }) => opened({ connection: { url: server } }, () => Promise.resolve()),
  'holds a lock': ({ server }, number) =>
    opened({ connection: { url: server }, connectOnBoot: 'required' }, ({ memory }) =>
      memory.session(`locked-${number}`).withLock(async ({ fence }) => {
        await memory.session(`locked-${number}`).append({ role: 'user', content: 'locked' }, { fence })
      }),
    ),
  'has a journal': ({ server }, number) =>
    inDirectory((directory) =>
      opened({ connection: { url: server }, resilience: { onOutage: 'journal', journal: { directory } } }, (module) =>
        write(module, number, 'redis'),
      ),
    ),
  'has a journal, server away, then back': ({ nobody, server }, number) =>
    inDirectory(async (directory) => {
      await opened({ connection: { url: nobody }, resilience: journalOf(directory) }, (module) =>
        write(module, number, 'journal'),
      )
      const resilience = { ...journalOf(directory), deadline: '2s' } as const
      await opened({ connection: { url: server }, resilience }, (module) => write(module, number, 'redis'))
    }),
  'server away': ({ nobody }, number) =>
    opened({ connection: { url: nobody }, resilience: { deadline: DEADLINE } }, (module) =>
      fails(write(module, number, 'redis')),
    ),
  'server away, and required at boot': ({ nobody }) =>
    fails(
      opened({ connection: { url: nobody }, connectOnBoot: 'required', resilience: { deadline: DEADLINE } }, () =>
        Promise.resolve(),
      ),
    ),
  'server silent': ({ silent }, number) =>
    opened({ connection: { url: silent }, resilience: { deadline: DEADLINE } }, (module) =>
      fails(write(module, number, 'redis')),
    ),
}
