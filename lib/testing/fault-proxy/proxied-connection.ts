import type { Socket } from 'node:net'
import type { Conditions } from './conditions.js'
import type { FaultPlan } from './fault-plan.js'
import { FrameScanner, type FramePiece } from './frame-scanner.js'
import type { FaultCounts } from './injected-faults.interface.js'
import { Lane } from './lane.js'
import { RequestReader, type RequestPiece } from './request-reader.js'
import type { FaultAction, FaultScript } from './scripted-fault.js'
import { resetSocket } from './reset-socket.js'

/** What the connections of a proxy have in common. */
export interface ProxyState {
  readonly conditions: Conditions
  readonly plan: FaultPlan
  readonly faults: FaultCounts
  /** How often each command came by. */
  readonly commands: Map<string, number>
}

/** One client and the connection to the server that is made for it. */
export class ProxiedConnection {
  readonly #requests = new RequestReader()
  readonly #replies = new FrameScanner()
  readonly #toServer: Lane
  readonly #toClient: Lane
  /** What is to happen to the replies that are still to come, in their order. */
  readonly #expected: (FaultAction | undefined)[] = []
  /** A reply was lost: what follows it on this connection cannot be understood any more, and is lost as well. */
  #losing = false
  /** Nothing more is forwarded to the server: a reply is lost, or about to be. */
  #deaf = false
  /** The client ended the connection while nothing got through. */
  #abandoned = false

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly state: ProxyState,
  ) {
    this.#toServer = new Lane(state.conditions, state.faults, client, server)
    this.#toClient = new Lane(state.conditions, state.faults, server, client)
    this.#connect(client, this.#toServer, (chunk) => this.#readRequests(chunk))
    this.#connect(server, this.#toClient, (chunk) => this.#readReplies(chunk))
    client.once('close', () => (this.#abandoned ||= state.conditions.held))
    client.once('end', () => (this.#abandoned ||= state.conditions.held))
  }

  /** Whether its client is there. */
  get open(): boolean {
    return !this.#abandoned && !this.client.destroyed
  }

  /** Calls back when neither side is there any more. */
  onceClosed(closed: () => void): void {
    let open = 2
    const closeOne = (): void => {
      open -= 1
      if (open === 0) closed()
    }
    this.client.once('close', closeOne)
    this.server.once('close', closeOne)
  }

  /** Breaks both sides down at once, as a router does that forgot them. */
  reset(): void {
    resetSocket(this.client)
    resetSocket(this.server)
  }

  /** After a fault has ended: delivers what was kept, unless its client has gone. */
  recover(deliverAbandoned: boolean): void {
    if (this.#abandoned && !deliverAbandoned) {
      this.reset()
      return
    }
    this.#toServer.hurry()
    this.#toClient.hurry()
  }

  #connect(source: Socket, lane: Lane, read: (chunk: Buffer) => void): void {
    // It comes out in the `close` that follows.
    source.on('error', () => undefined)
    source.on('data', read)
    source.once('end', () => lane.finish('end'))
    source.once('close', (broken) => lane.finish(broken ? 'reset' : 'end'))
  }

  #readRequests(chunk: Buffer): void {
    const { plan, faults } = this.state
    if (this.#deaf || this.client.destroyed) return
    if (plan.takeCut()) {
      faults.cutBefore += 1
      this.reset()
      return
    }
    for (const piece of this.#requests.read(chunk, () => plan.scripted)) {
      this.#forward(piece)
      // What stands behind a command whose reply is to be lost is not executed: no other reply is lost with that one.
      if (this.#deaf || this.client.destroyed) return
    }
  }

  #forward({ bytes, request, whole }: RequestPiece): void {
    const { plan, commands } = this.state
    const name = request?.name ?? ''
    if (name !== '') commands.set(name, (commands.get(name) ?? 0) + 1)
    const script = request !== undefined && whole && name !== '' ? plan.strike(request) : undefined
    if (script?.action === 'cut-before') this.#cutBefore()
    else if (script?.action === 'tear-request') this.#tearRequest(bytes)
    else this.#send(bytes, name !== '', script)
  }

  #cutBefore(): void {
    this.state.faults.cutBefore += 1
    this.reset()
  }

  #tearRequest(bytes: Buffer): void {
    this.state.faults.tornRequests += 1
    this.#toServer.push(bytes.subarray(0, bytes.length / 2))
    this.#breakDown(this.#toServer, this.client)
  }

  #send(bytes: Buffer, complete: boolean, script: FaultScript | undefined): void {
    const { plan, conditions, faults } = this.state
    const loses = script?.action === 'drop-reply' || script?.action === 'tear-reply'
    if (complete) this.#expected.push(loses ? script.action : undefined)
    if (loses) this.#deaf = true
    if (script?.action === 'blackhole') conditions.held = true
    const passing = plan.takeReset(bytes.length, 'requests')
    this.#toServer.push(bytes.subarray(0, passing), script?.action === 'delay' ? script.delayMs : 0)
    if (passing === undefined) return
    faults.resetAfter += 1
    this.#breakDown(this.#toServer, this.client)
  }

  #readReplies(chunk: Buffer): void {
    if (this.server.destroyed) return
    for (const piece of this.#replies.read(chunk)) {
      if (piece.starts && !piece.push) this.#decide(piece)
      if (this.#losing) this.#lose(piece)
      else this.#deliver(piece)
      if (this.server.destroyed) return
    }
  }

  #decide({ bytes }: FramePiece): void {
    const { plan, faults } = this.state
    if (this.#losing) return
    const fate = this.#expected[0]
    this.#losing = fate !== undefined || plan.takeDrop()
    this.#deaf ||= this.#losing
    if (fate !== 'tear-reply') return
    faults.tornReplies += 1
    this.#toClient.push(bytes.subarray(0, 1))
  }

  #lose({ ends, push }: FramePiece): void {
    if (!ends || push) return
    this.#expected.shift()
    this.state.faults.droppedReplies += 1
    // What was sent before is executed, all of it; then the connection breaks down.
    if (this.#expected.length > 0) return
    this.#breakDown(this.#toClient, this.server)
  }

  #deliver({ bytes, ends, push }: FramePiece): void {
    const { plan, faults } = this.state
    const passing = plan.takeReset(bytes.length, 'replies')
    this.#toClient.push(bytes.subarray(0, passing))
    if (ends && !push) this.#expected.shift()
    if (passing === undefined) return
    faults.resetAfter += 1
    this.#breakDown(this.#toClient, this.server)
  }

  /** Resets the far end of the lane behind what is on its way, and the other side at once. */
  #breakDown(lane: Lane, near: Socket): void {
    lane.finish('reset')
    resetSocket(near)
  }
}
