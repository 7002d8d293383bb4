// Another service, as short as it gets: node dist/ask.js SESSION USER MESSAGE [OPERATION]
import { ClientProxyFactory } from '@nestjs/microservices'
import { transport } from './transport.js'

const [sessionId, userId, message, operationId] = process.argv.slice(2)
const client = ClientProxyFactory.create(transport)
client.send<string>('turn', { sessionId, userId, message, operationId }).subscribe({
  next: (token) => process.stdout.write(token),
  error: (error) => {
    console.error(error)
    process.exitCode = 1
    void client.close()
  },
  complete: () => {
    process.stdout.write('\n')
    void client.close()
  },
})
