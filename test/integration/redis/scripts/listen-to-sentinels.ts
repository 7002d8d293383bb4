// An application that writes one message, says so, and closes when its input ends. Its connection is in CONNECTION, as JSON.
import { once } from 'node:events'
import { openQuietMemory } from '../../../support/quiet-memory.js'

const { app, memory } = await openQuietMemory({ connection: JSON.parse(process.env['CONNECTION'] ?? '') })
await memory.session('listens').append({ role: 'user', content: 'hello' })
console.log('written')
process.stdin.resume()
await once(process.stdin, 'end')
await app.close()
