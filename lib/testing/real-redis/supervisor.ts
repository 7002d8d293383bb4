import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/**
 * Arguments: a folder, then the command of the server. Reads the lines `start` (with arguments for this one start behind
 * it) and `stop` from its input, and answers `started <pid>` and `exited <status>`. At the end of its input, which comes
 * also when the process that holds it is killed, it kills the server and removes the folder. It is a shell script, so that
 * nothing of Node has to survive.
 *
 * SIGPIPE is ignored because by then nobody may be left to read an answer. `exited` is said only when the watcher is
 * gone, which would otherwise take the next `start` for itself.
 */
const SCRIPT = `
trap '' PIPE
folder=$1
shift
exec 3<&0 </dev/null
while read -r line <&3; do
  case $line in start*) ;; *) continue ;; esac
  "$@" \${line#start} >"$folder/server.log" 2>&1 3<&- &
  server=$!
  (read -r line <&3; kill -9 "$server") >/dev/null 2>&1 &
  watcher=$!
  echo "started $server"
  wait "$server"
  status=$?
  kill "$watcher"
  wait "$watcher"
  echo "exited $status"
done
cd /
rm -rf "$folder"
`

type Shell = ChildProcessByStdio<Writable, Readable, null>
type Answer = 'started' | 'exited'

/** Runs one server in one folder, and sees to it that neither outlives this process, however this process ends. */
export class Supervisor {
  readonly #shell: Shell
  readonly #answers = new EventEmitter()
  #running = false

  constructor(folder: string, command: readonly string[]) {
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT, 'redis-supervisor', folder, ...command], {
      cwd: folder,
      // A process group of its own: Ctrl-C in the terminal must not end it before it has cleaned up.
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    createInterface({ input: this.#shell.stdout }).on('line', (line) => this.#hear(line))
    // Writing to a shell that is gone; its end is what is acted on.
    this.#shell.stdin.on('error', () => undefined)
    this.#shell.on('error', (error) => this.#fail(error))
    this.#shell.on('exit', () => this.#fail(new Error('the supervisor of the server has ended')))
  }

  /** Whether the server that was started last has not ended. */
  get running(): boolean {
    return this.#running
  }

  /** Resolves to the process id of the server. `args` are for this start only, and have no spaces in them. */
  start(args: readonly string[] = []): Promise<number> {
    return this.#whileAwake(async () => {
      const started = this.#next('started')
      this.#shell.stdin.write(`${['start', ...args].join(' ')}\n`)
      return await started
    })
  }

  /** Kills the server; the folder stays. */
  stop(): Promise<void> {
    return this.#whileAwake(async () => {
      if (!this.#running) return
      const exited = this.#next('exited')
      this.#shell.stdin.write('stop\n')
      await exited
    })
  }

  /** Resolves when the server has ended, for whatever reason. */
  exited(): Promise<void> {
    return this.#whileAwake(async () => {
      if (this.#running) await this.#next('exited')
    })
  }

  /** Kills the server and removes the folder. */
  dispose(): Promise<void> {
    return this.#whileAwake(async () => {
      if (this.#shell.exitCode !== null || this.#shell.signalCode !== null) return
      const exit = once(this.#shell, 'exit')
      this.#shell.stdin.end()
      await exit
    })
  }

  async #next(answer: Answer): Promise<number> {
    const values: unknown[] = await once(this.#answers, answer)
    return Number(values[0])
  }

  #hear(line: string): void {
    const [word, number] = line.split(' ')
    if (word !== 'started' && word !== 'exited') return
    this.#running = word === 'started'
    this.#answers.emit(word, Number(number))
  }

  #fail(error: Error): void {
    this.#running = false
    // Rejects whoever waits for an answer; without a listener an `error` event would be thrown.
    if (this.#answers.listenerCount('error') > 0) this.#answers.emit('error', error)
  }

  /**
   * Only an operation under way keeps the process alive: a server that nobody stopped must not keep a test run from
   * ending, since the end of the process stops it.
   */
  async #whileAwake<T>(work: () => Promise<T>): Promise<T> {
    const { stdin, stdout } = this.#shell
    const sockets = [stdin, stdout].filter((stream) => stream instanceof Socket)
    this.#shell.ref()
    for (const socket of sockets) socket.ref()
    try {
      return await work()
    } finally {
      this.#shell.unref()
      for (const socket of sockets) socket.unref()
    }
  }
}
