import 'reflect-metadata'
import type { INestApplicationContext } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { Redis } from 'ioredis'
import { MemoryModule, MemoryService, type MemoryModuleOptions } from 'nestjs-agent-memory'
import { expectNoImmortalKeys, FaultProxy, type RealRedis } from 'nestjs-agent-memory/testing'
import { Cell, DEADLINE_MS } from './cell.js'
import type { MatrixFault } from './matrix-fault.interface.js'
import type { MatrixOperation, Prepared } from './matrix-operation.interface.js'
import { until } from './until.js'
import { matrixOperations, prepareSession } from './matrix-operations.js'

const NAMESPACE = 'matrix'

/** What the matrix asks of its server: it keeps what it acknowledged, also when it is killed, and can be made to load. */
export const MATRIX_SERVER_ARGS =
  '--appendonly yes --appendfsync always --enable-debug-command yes --loading-process-events-interval-bytes 1024'.split(
    ' ',
  )

/** One operation with a memory and a proxy of its own, so that it meets a fault by itself. */
interface Column {
  readonly operation: MatrixOperation
  readonly proxy: FaultProxy
  readonly behind: MemoryService
  readonly past: MemoryService
}

/** What came of one fault. */
export interface MatrixRow {
  readonly fault: MatrixFault
  readonly cells: readonly Cell[]
  /** What is wrong beyond single operations. */
  readonly problems: readonly string[]
}

/** Every operation under every fault, on one server. */
export class Matrix {
  readonly #apps: INestApplicationContext[] = []
  readonly #columns: Column[] = []
  readonly #unhandled: string[] = []
  readonly #admin: Redis
  readonly #note = (reason: unknown): void => void this.#unhandled.push(String(reason))
  #rows = 0

  private constructor(private readonly redis: RealRedis) {
    this.#admin = redis.client({ maxRetriesPerRequest: null })
  }

  static async open(redis: RealRedis, operations: readonly MatrixOperation[] = matrixOperations): Promise<Matrix> {
    const matrix = new Matrix(redis)
    process.on('unhandledRejection', matrix.#note)
    for (const operation of operations) await matrix.#addColumn(operation)
    return matrix
  }

  async close(): Promise<void> {
    process.off('unhandledRejection', this.#note)
    await Promise.all(this.#apps.map((app) => app.close()))
    await Promise.all(this.#columns.map(({ proxy }) => proxy.close()))
  }

  /** Runs every operation while the fault is there, takes it back, and looks at what is left. */
  async run(fault: MatrixFault): Promise<MatrixRow> {
    const row = ++this.#rows
    const cells = await Promise.all(
      this.#columns.map((column, index) => this.#prepare(column, fault, `${row}-${index}`)),
    )
    const proxies = this.#columns.map(({ proxy }) => proxy)
    const armed = await fault.arm({ redis: this.redis, proxies, admin: this.#admin })
    try {
      await Promise.all([...cells.map((cell) => cell.meetFault()), armed.meanwhile?.()])
    } finally {
      await armed.lift()
    }
    await until(() => this.#admin.ping(), 'the server does not answer')
    const problems = (await armed.happened()) ? [] : ['the fault did not happen']
    // What asks past the fault has lost its connection too, when the server was gone.
    await Promise.all(this.#columns.map(({ past }) => until(() => past.session('ready').info(), 'no memory is there')))
    await Promise.all(cells.map((cell) => cell.checkTruth()))
    await Promise.all(cells.map((cell) => cell.recover()))
    await expectNoImmortalKeys(this.redis).catch((error: unknown) => problems.push(String(error)))
    problems.push(...this.#unhandled.splice(0).map((reason) => `unhandled rejection: ${reason}`))
    return { fault, cells, problems }
  }

  async #prepare({ operation, behind, past }: Column, fault: MatrixFault, id: string): Promise<Cell> {
    const seen = past.session(id)
    const key = `am:{${NAMESPACE}:~:s:${id}}`
    const { prepare = prepareSession, begin } = operation
    await prepare(seen, (field) => this.#admin.hset(key, field, 'damaged').then(() => undefined))
    const { version } = await seen.info()
    const session = behind.session(id)
    // It is connected, and sends again what its breaker had kept back.
    await until(() => session.info(), 'no connection')
    const prepared: Prepared = { session, token: `token-${id}`, version, begun: await begin?.(session) }
    const view = {
      versions: async () => Number((await this.#admin.hget(key, 'v')) ?? 0),
      ttl: () => this.#admin.pttl(key),
    }
    const expected = operation.kind === 'read' ? fault.reads : fault.writes
    return new Cell(operation, expected, prepared, { ...prepared, session: seen }, view, await view.versions())
  }

  async #addColumn(operation: MatrixOperation): Promise<void> {
    const proxy = await FaultProxy.before(this.redis)
    const behind = await this.#open(proxy.url, { resilience: { deadline: DEADLINE_MS }, ...operation.options })
    const past = await this.#open(this.redis.url, operation.preparedWith ?? operation.options ?? {})
    this.#columns.push({ operation, proxy, behind, past })
  }

  async #open(url: string, options: Omit<MemoryModuleOptions, 'connection'>): Promise<MemoryService> {
    const root = MemoryModule.forRoot({ connection: { url }, namespace: NAMESPACE, ...options })
    const app = await NestFactory.createApplicationContext(root, { logger: false })
    this.#apps.push(app)
    return app.get(MemoryService)
  }
}
