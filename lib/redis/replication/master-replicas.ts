import type { Redis } from 'ioredis'
import { Deadline, DeadlineExceeded } from '../deadline.js'
import { infoLine } from '../server-check.js'
import { askReplicas } from './ask-replicas.js'
import { Rounds, type Round } from './rounds.js'

/** What a master's replicas are asked for, and what has to be known of the master for that. */
export interface MasterTerms {
  /** A further connection to it, not yet made; `undefined` while there is none to go by. */
  readonly connect: () => Redis | undefined
  /** The run of it that writes go to now, as far as it is known. */
  readonly runId: () => string | undefined
  readonly isOfCluster: boolean
  readonly wanted: number
  /** How long a write waits at the most, in ms. */
  readonly timeout: number
  /** Is told why a round was not answered. */
  readonly failed: (error: Error) => void
}

/** The part of a write's time that a round takes at the most: who just missed one is answered by the next. */
const PART_OF_ROUND = 0.4
/** After a round that was not answered, the part of it until the next. */
const PART_OF_PAUSE = 0.25

/** Asks one master for its replicas, on a connection of its own: WAIT holds up whatever comes behind it. */
export class MasterReplicas {
  private readonly rounds: Rounds
  /** For how long the server waits in a round, in ms. */
  private readonly within: number
  private client: Redis | undefined
  /** The run of the server that the connection leads to, while there is one. */
  private runId: string | undefined
  private pausing: NodeJS.Timeout | undefined
  private isDue = false
  private asked = 0

  constructor(private readonly terms: MasterTerms) {
    this.rounds = new Rounds(terms.wanted)
    this.within = Math.max(1, Math.floor(terms.timeout * PART_OF_ROUND))
  }

  /** Resolves to how many replicas have the write: when they are enough, or after so many ms. */
  confirm(key: string, runId: string, ms: number): Promise<number> {
    return new Promise((resolve) => {
      const place = this.rounds.join({ key, runId }, (replicas) => {
        clearTimeout(timer)
        resolve(replicas)
      })
      const timer = setTimeout(() => this.rounds.leave(place), ms)
      this.connect()
      this.soon()
    })
  }

  /** Who waits is told what is known by now. */
  close(): void {
    this.rounds.leaveAll()
    clearTimeout(this.pausing)
    this.client?.disconnect()
    this.client = undefined
    this.runId = undefined
  }

  /** Those whose answers came together are asked for together. */
  private soon(): void {
    if (this.isDue) return
    this.isDue = true
    setImmediate(() => {
      this.isDue = false
      this.goOn()
    })
  }

  private goOn(): void {
    const { client, runId } = this
    if (client === undefined || runId === undefined || this.pausing !== undefined) return
    const round = this.rounds.begin({ present: this.terms.runId(), asked: runId })
    if (round === undefined) return
    // Behind its address is another server by now, or will be.
    if (round === 'elsewhere') this.lookAgain(client)
    else void this.ask(client, round)
  }

  private async ask(client: Redis, round: Round): Promise<void> {
    const { within } = this
    const { isOfCluster, wanted } = this.terms
    // Another slot each time: one that is being moved takes no mark.
    const markIn = round.keys[this.asked++ % round.keys.length]!
    try {
      const asking = askReplicas(client, { keys: round.keys, markIn, isOfCluster, wanted, within })
      const { replicas, present } = await new Deadline(2 * within + this.terms.timeout).race(asking)
      this.rounds.end(round, replicas, (key) => present.has(key))
      this.goOn()
    } catch (error) {
      this.rounds.fail()
      this.terms.failed(error as Error)
      if (error instanceof DeadlineExceeded) this.lookAgain(client)
      else this.pause()
    }
  }

  private connect(): void {
    if (this.client !== undefined) return
    const client = this.terms.connect()
    if (client === undefined) return
    this.client = client
    // Why there is no connection, calls say that have none.
    client.on('error', () => undefined)
    client.on('ready', () => void this.meet(client))
    client.on('close', () => {
      this.runId = undefined
    })
    client.connect().catch(() => undefined)
  }

  private async meet(client: Redis): Promise<void> {
    try {
      const info = await new Deadline(this.terms.timeout + this.within).race(client.info('server'))
      if (this.client !== client) return
      this.runId = infoLine(info, 'run_id')
      this.goOn()
    } catch (error) {
      this.terms.failed(error as Error)
      if (this.client === client) this.lookAgain(client)
    }
  }

  private lookAgain(client: Redis): void {
    this.runId = undefined
    this.pause()
    client.disconnect(true)
  }

  private pause(): void {
    this.pausing ??= setTimeout(() => {
      this.pausing = undefined
      this.goOn()
    }, this.within * PART_OF_PAUSE).unref()
  }
}
