import { createConnection, Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { connect, TLSSocket } from 'node:tls'
import { AbstractConnector, SentinelConnector, type Redis, type RedisOptions } from 'ioredis'
import type { CredentialsProvider } from '../options/credentials.interface.js'
import { askCredentials } from './ask-credentials.js'
import { writeTogether } from './write-together.js'

/** How long a closed connection keeps the process alive, in ms. */
export const DISCONNECT_TIMEOUT = 100

export interface ConnectorSettings {
  /** Without, the credentials are those of the options. */
  readonly credentials: CredentialsProvider | undefined
  /** Half of it is how long credentials, and the answer to a TLS handshake, are waited for, in ms. */
  readonly deadline: number
  /** Told why a connection failed: of those by which a cluster is looked at, ioredis tells nobody. */
  readonly heard: (error: Error) => void
}

type Connector = NonNullable<RedisOptions['Connector']>
type Emit = Parameters<AbstractConnector['connect']>[0]
type Stream = Awaited<ReturnType<AbstractConnector['connect']>>

/** As ioredis connects to one server by itself. */
class DirectConnector extends AbstractConnector {
  constructor(private readonly options: RedisOptions) {
    super(options.disconnectTimeout ?? 0)
  }

  override async connect(): Promise<Stream> {
    const { path, port, host, family, tls } = this.options
    const address = path === undefined || path === '' ? { port, host, family } : { path }
    const given = Object.fromEntries(
      Object.entries(address).filter(([, value]) => value !== undefined && value !== null),
    )
    const target = given as unknown as { port: number }
    this.stream = tls ? connect({ ...target, ...tls }) : createConnection(target)
    return this.stream
  }
}

interface BySentinels extends AbstractConnector {
  connectToSentinel?: (endpoint: unknown, options?: RedisOptions) => Redis
}

/**
 * Connections to sentinels have no options of ours otherwise. ioredis prints what goes wrong with one that it listens to:
 * nobody else hears of that.
 */
const withSentinels = (connector: BySentinels): AbstractConnector => {
  const ask = connector.connectToSentinel?.bind(connector)
  if (ask !== undefined) {
    connector.connectToSentinel = (endpoint, options) =>
      ask(endpoint, { ...options, disconnectTimeout: DISCONNECT_TIMEOUT }).on('error', () => undefined)
  }
  return connector
}

/** What ioredis takes for a connection that failed at once, and tries again as any other. */
const failed = (): Stream => new Socket().destroy()

const handshakeTimeout = (): Error =>
  Object.assign(new Error('no answer to the TLS handshake'), { code: 'ERR_TLS_HANDSHAKE_TIMEOUT' })

/** As a server does that is sent something else than the TLS it expects. */
const endedAtOnce = (): Error =>
  Object.assign(new Error('the connection was ended without an answer'), { code: 'ECONNRESET' })

/** A server that does not speak TLS may take what it is sent for the beginning of a command, and wait for the rest. */
const limitHandshake = (stream: TLSSocket, patience: number): void => {
  stream.once('connect', () => {
    const timer = setTimeout(() => stream.destroy(handshakeTimeout()), patience)
    for (const event of ['secureConnect', 'close']) stream.once(event, () => clearTimeout(timer))
  })
}

/** A connection that fails so soon after its handshake may have been refused for the certificate it showed, in ms. */
const REFUSED_WITHIN = 1_000
/** How long it is listened to what it may say, at the most, in ms. */
const MOST_PATIENCE = 250

/**
 * What a server has against the certificate of a client it says after the handshake, and ends the connection. Where it was sent
 * something meanwhile, that is a reset, and what it said is lost. So after such an end nothing is sent for a moment.
 */
class Hearing {
  #isNeeded = false

  /** @param patience in ms */
  listen(stream: TLSSocket, patience: number): void {
    const isNeeded = this.#isNeeded
    this.#isNeeded = false
    if (isNeeded) stream.cork()
    stream.once('secureConnect', () => {
      const since = performance.now()
      if (isNeeded) setTimeout(() => stream.uncork(), patience).unref()
      stream.once('close', (hadError: boolean) => {
        this.#isNeeded = hadError && performance.now() - since < REFUSED_WITHIN
      })
    })
  }
}

/** Makes a connection as ioredis does, asks for credentials first, and waits for nothing without bound. */
class BoundedConnector extends AbstractConnector {
  readonly #inner: AbstractConnector
  readonly #settings: ConnectorSettings
  /** Filled before each handshake, which reads it. */
  readonly #credentials = ['default', '']
  readonly #hearing: Hearing
  #wanted = false

  constructor(options: RedisOptions, settings: ConnectorSettings, given: Connector | undefined, hearing: Hearing) {
    super(options.disconnectTimeout ?? 0)
    this.#settings = settings
    this.#hearing = hearing
    const Inner = given ?? (options.sentinels ? SentinelConnector : DirectConnector)
    this.#inner = withSentinels(new (Inner as Connector)(options))
    // A pair is how ioredis itself keeps a user and a password until the handshake; it looks here before it connects.
    if (settings.credentials) Object.assign(options, { username: undefined, password: this.#credentials })
  }

  override check(info: Parameters<AbstractConnector['check']>[0]): boolean {
    return this.#inner.check(info)
  }

  override disconnect(): void {
    this.#wanted = false
    this.#inner.disconnect()
  }

  override async connect(emit: Emit): Promise<Stream> {
    const { credentials, deadline, heard } = this.#settings
    this.#wanted = true
    try {
      if (credentials) this.#credentials.splice(0, 2, ...(await askCredentials(credentials, deadline / 2)))
      if (!this.#wanted) throw new Error('Connection is closed.')
      const stream = await this.#inner.connect(emit)
      stream.once('error', heard)
      // A TLS handshake that is given up may fail twice: ioredis listens once, and the second would end the process.
      stream.on('error', () => undefined)
      stream.once('close', (hadError: boolean) => {
        if (this.#wanted && !hadError && stream.bytesRead === 0) heard(endedAtOnce())
      })
      if (stream instanceof TLSSocket) {
        limitHandshake(stream, deadline / 2)
        this.#hearing.listen(stream, Math.min(deadline / 4, MOST_PATIENCE))
      }
      writeTogether(stream)
      return stream
    } catch (error) {
      // Rejecting would end the client for good, as when no sentinel answers for a moment.
      this.firstError = error as Error
      heard(this.firstError)
      return failed()
    }
  }
}

/** @param given the connector of the application's own options */
export const connectorOf = (settings: ConnectorSettings, given: Connector | undefined): Connector => {
  // The nodes of a cluster have each their own, for one connection.
  const hearing = new Hearing()
  return class extends BoundedConnector {
    constructor(options: unknown) {
      super(options as RedisOptions, settings, given, hearing)
    }
  }
}
