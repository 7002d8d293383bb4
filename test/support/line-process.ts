import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { workerArgs } from './typescript-args.js'

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Runs test/support/workers/<name>.ts in a process of its own, and speaks with it in lines of JSON. */
export class LineProcess<Line, Command> {
  readonly ended: Promise<Ending>
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #listeners = new Set<(line: Line) => void>()

  constructor(name: string, input: object, nodeOptions: readonly string[] = []) {
    this.#child = spawn(process.execPath, [...nodeOptions, ...workerArgs(name, input)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    // A command that comes when it is gone reaches nobody.
    this.#child.stdin.on('error', () => undefined)
    this.ended = once(this.#child, 'close').then(([code, signal]): Ending => ({ code, signal }))
    createInterface({ input: this.#child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Line
      for (const listener of this.#listeners) listener(line)
    })
  }

  onLine(listener: (line: Line) => void): void {
    this.#listeners.add(listener)
  }

  /** The first line from now on that has this property. @throws Error when it ends without one, or takes too long */
  async line<Name extends KeyOfAny<Line>>(name: Name, within: number): Promise<Extract<Line, Record<Name, unknown>>> {
    type Found = Extract<Line, Record<Name, unknown>>
    let listener: ((line: Line) => void) | undefined
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<Found>((resolve, reject) => {
        listener = (line) => {
          if (typeof line === 'object' && line !== null && name in line) resolve(line as Found)
        }
        this.#listeners.add(listener)
        timer = setTimeout(
          () => reject(new Error(`the worker did not say "${String(name)}" within ${within} ms`)),
          within,
        )
        void this.ended.then(({ code, signal }) =>
          reject(new Error(`the worker ended with ${code ?? signal} and did not say "${String(name)}"`)),
        )
      })
    } finally {
      clearTimeout(timer)
      if (listener !== undefined) this.#listeners.delete(listener)
    }
  }

  send(command: Command): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`)
  }

  /** Says that no more commands come. */
  endInput(): void {
    this.#child.stdin.end()
  }

  /** Lets it go on when it is stopped. */
  resume(): void {
    this.#child.kill('SIGCONT')
  }

  /** SIGKILL; nothing happens when it has ended. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

type KeyOfAny<Line> = Line extends unknown ? keyof Line : never
