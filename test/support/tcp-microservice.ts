import type { AddressInfo, Server } from 'node:net'
import type { INestMicroservice } from '@nestjs/common'
import { ClientProxyFactory, Transport, type ClientProxy } from '@nestjs/microservices'

const HOST = '127.0.0.1'

/** Has a microservice listen on a port that the system chooses: one chosen before could be taken by another process. */
export const ON_ANY_PORT = { transport: Transport.TCP, options: { host: HOST, port: 0 } } as const

/** A client of a microservice that listens. */
export const clientOf = (service: INestMicroservice): ClientProxy => {
  const { port } = service.unwrap<Server>().address() as AddressInfo
  return ClientProxyFactory.create({ transport: Transport.TCP, options: { host: HOST, port } })
}
