// An application that reads from a replica, says whether one answered, and closes. Its connection is in CONNECTION, as JSON.
import { openQuietMemory } from '../../../support/quiet-memory.js'
import { poll } from '../../../support/poll.js'

const { app, memory } = await openQuietMemory({ connection: JSON.parse(process.env['CONNECTION'] ?? '') })
const session = memory.session('closes')
await session.append({ role: 'user', content: 'hello' })
const stale = await poll(async () => (await session.messages({ readFrom: 'replica' })).stale)
console.log(String(stale))
await app.close()
