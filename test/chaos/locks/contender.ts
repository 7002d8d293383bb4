import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import type {
  LockContenderCommand,
  LockContenderInput,
  LockContenderLine,
  LockContenderReport,
} from '../../support/workers/lock-contender.js'

const LOADER = pathToFileURL(resolve('test/support/typescript-loader.mjs')).href
const SCRIPT = resolve('test/support/workers/lock-contender.ts')

/** A process that contends for the lock. */
export class Contender {
  readonly ready: Promise<void>
  readonly report: Promise<LockContenderReport>
  private readonly child: ChildProcessByStdio<Writable, Readable, null>

  /** @param pauseFor how long it stays stopped when it has stopped itself, in ms */
  constructor(input: LockContenderInput, pauseFor: () => number) {
    this.child = spawn(process.execPath, ['--import', LOADER, SCRIPT, JSON.stringify(input)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: this.child.stdout })
    const ended = new Promise<never>((_, reject) => {
      this.child.once('close', (code) => reject(new Error(`contender ${input.process} ended with ${code}`)))
    })
    const on = <T>(read: (line: LockContenderLine) => T | undefined): Promise<T> =>
      Promise.race([
        ended,
        new Promise<T>((settle) => {
          lines.on('line', (text) => {
            const answer = read(JSON.parse(text))
            if (answer !== undefined) settle(answer)
          })
        }),
      ])
    this.ready = on((line) => ('ready' in line ? true : undefined)).then(() => undefined)
    this.report = on((line) => ('report' in line ? line.report : undefined))
    lines.on('line', (text) => {
      const line: LockContenderLine = JSON.parse(text)
      if ('stopping' in line) setTimeout(() => this.child.kill('SIGCONT'), pauseFor())
    })
    // Whoever awaits only one of them must not be hit by the other.
    this.ready.catch(() => undefined)
    this.report.catch(() => undefined)
  }

  send(command: LockContenderCommand): void {
    this.child.stdin.write(`${JSON.stringify(command)}\n`)
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }
}
