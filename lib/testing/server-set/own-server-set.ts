import { Faults } from '../real-redis/controls/faults.js'
import { ServerControls } from '../real-redis/controls/server-controls.js'
import type { OwnServer } from '../real-redis/own-server.js'
import { startOwnServers, type Planning } from '../real-redis/own-servers.js'
import type { ServerCommand } from '../real-redis/server-command.js'
import { Member } from './member.js'
import type { ServerSet } from './server-set.interface.js'

/** Processes of ours. */
export class OwnServerSet implements ServerSet {
  readonly backend = 'binary'
  readonly faults = new Faults()
  readonly #command: ServerCommand
  readonly #servers = new Map<Member, OwnServer>()

  constructor(command: ServerCommand) {
    this.#command = command
  }

  async start(ports: number, plan: Planning): Promise<Member[]> {
    const servers = await startOwnServers(this.#command, ports, plan)
    return servers.map((server) => {
      const controls = new ServerControls(server.url, server, this.faults)
      const member = new Member(server.plan, server.url, () => controls.admin(), controls)
      this.#servers.set(member, server)
      return member
    })
  }

  async end(member: Member): Promise<void> {
    await member.controls?.leave()
    await this.#servers.get(member)?.dispose()
    this.#servers.delete(member)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((member) => this.end(member)))
  }
}
