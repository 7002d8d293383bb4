import { Transport, type TcpOptions } from '@nestjs/microservices'

const { HOST = '127.0.0.1', PORT = '3000' } = process.env

/** For the service and for those who ask it. */
export const transport = { transport: Transport.TCP, options: { host: HOST, port: Number(PORT) } } satisfies TcpOptions
