import type { StartedTestContainer } from 'testcontainers'
import { isError } from '../../errors/is-error.js'
import { AdminConnection } from '../real-redis/controls/admin-connection.js'
import { Faults } from '../real-redis/controls/faults.js'
import { loadTestcontainers, serverIn } from '../real-redis/docker-backend.js'
import { freePorts } from '../real-redis/free-port.js'
import type { Planning } from '../real-redis/own-servers.js'
import { poll } from '../real-redis/poll.js'
import { readServerInfo } from '../real-redis/server-info.js'
import { CONFIGURATION } from '../real-redis/server-folder.js'
import { urlOf, type ServerPlan } from '../real-redis/server-plan.js'
import { Member } from './member.js'
import type { ServerSet } from './server-set.interface.js'

const START_TIMEOUT_MS = 60_000
const ANSWER_TIMEOUT_MS = 20_000
const START_ATTEMPTS = 5
const FOLDER = '/agent-memory'
const STARTED = 'agent-memory: all started'

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

const folderOf = ({ port }: ServerPlan): string => `${FOLDER}/${port}`
const configOf = (plan: ServerPlan): string => `${folderOf(plan)}/${CONFIGURATION}/server.conf`

const commandOf = (server: string, plan: ServerPlan): string => {
  // The ports are reached through the engine, so the servers see no client on their loopback.
  const place = ['--bind', '*', '--port', String(plan.port), '--dir', folderOf(plan), '--protected-mode', 'no']
  return [server, configOf(plan), ...place, ...plan.args].map(quoted).join(' ')
}

const isPortTaken = (error: unknown): boolean => isError(error) && /already (allocated|in use)/i.test(error.message)

/**
 * All servers in one container, where they reach one another on 127.0.0.1, and each on a port that is the same outside: so
 * what they tell of one another is true for clients, too.
 */
export class ContainerServerSet implements ServerSet {
  readonly backend = 'docker'
  readonly faults = new Faults()
  readonly #image: string
  readonly #admins: AdminConnection[] = []
  #container: StartedTestContainer | undefined

  constructor(image: string) {
    this.#image = image
  }

  async start(ports: number, plan: Planning): Promise<Member[]> {
    const plans = await this.#startContainer(ports, plan, START_ATTEMPTS)
    await Promise.all(plans.map((one) => this.#answers(one)))
    return plans.map((one) => {
      const admin = new AdminConnection(urlOf(one))
      this.#admins.push(admin)
      return new Member(one, urlOf(one), () => admin.get())
    })
  }

  async stop(): Promise<void> {
    await Promise.all(this.#admins.map((admin) => admin.close()))
    await this.#container?.stop()
    this.#container = undefined
  }

  async #startContainer(ports: number, plan: Planning, attempts: number): Promise<readonly ServerPlan[]> {
    const { GenericContainer, Wait } = await loadTestcontainers()
    const plans = (await plan(await freePorts(ports))).flat()
    const server = serverIn(this.#image)
    const script = [...plans.map((one) => `${commandOf(server, one)} &`), `echo ${quoted(STARTED)}`, 'wait'].join('\n')
    try {
      this.#container = await new GenericContainer(this.#image)
        .withCopyContentToContainer([
          { content: `${script}\n`, target: `${FOLDER}/start.sh` },
          ...plans.map((one) => ({ content: one.config ?? '\n', target: configOf(one) })),
        ])
        .withCommand(['sh', `${FOLDER}/start.sh`])
        .withExposedPorts(...plans.map(({ port }) => ({ container: port, host: port })))
        .withWaitStrategy(Wait.forLogMessage(STARTED))
        .withStartupTimeout(START_TIMEOUT_MS)
        .start()
    } catch (error) {
      if (attempts <= 1 || !isPortTaken(error)) throw error
      return await this.#startContainer(ports, plan, attempts - 1)
    }
    return plans
  }

  async #answers(plan: ServerPlan): Promise<void> {
    const answers = await poll(
      () =>
        readServerInfo(urlOf(plan)).then(
          () => true,
          () => undefined,
        ),
      ANSWER_TIMEOUT_MS,
    )
    if (answers === undefined)
      throw new Error(
        `the server in the container does not answer on 127.0.0.1:${plan.port}: servers that belong together need an engine on this machine`,
      )
  }
}
