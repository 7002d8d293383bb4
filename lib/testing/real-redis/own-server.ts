import { isError } from '../../errors/is-error.js'
import { bringUp, type Place } from './bring-up.js'
import { withProbeClient } from './probe-client.js'
import { emptyFolder } from './server-folder.js'
import { urlOf, type ServerPlan } from './server-plan.js'
import type { RestartOptions, ServerProcess } from './server-process.interface.js'
import type { Supervisor } from './supervisor.js'
import { within } from './within.js'

const START_ATTEMPTS = 5
const SAVE_TIMEOUT_MS = 30_000

/** It may have ended by itself, and that not be known yet. */
const goOn = (id: number): void => {
  try {
    process.kill(id, 'SIGCONT')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** A server of ours that was brought up. */
export class OwnServer implements ServerProcess {
  readonly #supervisor: Supervisor
  readonly #place: Place
  #id: number

  constructor(supervisor: Supervisor, place: Place, id: number) {
    this.#supervisor = supervisor
    this.#place = place
    this.#id = id
  }

  get plan(): ServerPlan {
    return this.#place.plan
  }

  get url(): string {
    return urlOf(this.plan)
  }

  get id(): number | undefined {
    return this.#supervisor.running ? this.#id : undefined
  }

  kill(): Promise<void> {
    return this.#supervisor.stop()
  }

  async restart({ keepData, ...options }: RestartOptions): Promise<void> {
    // A server that was stopped by a signal cannot be asked to end.
    if (this.id !== undefined) goOn(this.id)
    if (!keepData) await this.#supervisor.stop().then(() => emptyFolder(this.#place.folder))
    else if (this.#supervisor.running) await this.#saveAndEnd()
    await this.#bringBack(options, START_ATTEMPTS)
  }

  /** Kills the server, and removes its folder. */
  dispose(): Promise<void> {
    return this.#supervisor.dispose()
  }

  async #saveAndEnd(): Promise<void> {
    const ended = this.#supervisor.exited()
    // The answer to SHUTDOWN is the end of the connection; a reply is a refusal, and leaves the server running.
    const refused = withProbeClient(this.url, (client) => client.call('SHUTDOWN', 'SAVE')).then(
      () => ended,
      (error: unknown) => (isError(error) && error.name === 'ReplyError' ? Promise.reject(error) : ended),
    )
    await within(Promise.race([ended, refused]), SAVE_TIMEOUT_MS, 'the server did not end').catch((cause: unknown) => {
      throw new Error('the server could not save its data and end', { cause })
    })
  }

  async #bringBack(options: Omit<RestartOptions, 'keepData'>, attempts: number): Promise<void> {
    const outcome = await bringUp(this.#supervisor, this.#place, options)
    if (typeof outcome === 'number') this.#id = outcome
    else if (outcome.portTaken && attempts > 1) await this.#bringBack(options, attempts - 1)
    else throw new Error(`the server did not come back on port ${this.plan.port}: ${outcome.reason}`)
  }
}
