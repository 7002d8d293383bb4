/**
 * Runs in a thread of its own: a test that keeps the event loop busy must not make the nodes lose one another. It is text,
 * so that it needs no loader, whatever compiles the tests.
 *
 * Understands `{ ask, open: name, port }` (answers with the port to announce), `{ ask, hold: name }` and
 * `{ ask, release: name }`. A link that is held is not read from: what is under way arrives when it is released, as with a
 * network that comes back, unless one of its ends has given up.
 */
export const BUS_SWITCH_WORKER = `
const { parentPort } = require('node:worker_threads')
const { connect, createServer } = require('node:net')

const entrances = new Map()
const held = new Set()
const links = new Set()

const end = (link) => {
  links.delete(link)
  for (const socket of link.sockets) socket.destroy()
}

const settle = (link) => {
  link.held = held.has(link.from) || held.has(link.to)
  for (const socket of link.sockets) {
    if (link.held) socket.pause()
    else socket.resume()
  }
  if (link.broken && !link.held) end(link)
}

const enter = (name, near) => {
  const far = connect({ host: '127.0.0.1', port: entrances.get(name).target, noDelay: true })
  const link = { from: near.remoteAddress, to: name, sockets: [near, far], held: false, broken: false }
  links.add(link)
  for (const [socket, other] of [[near, far], [far, near]]) {
    socket.on('data', (bytes) => other.write(bytes))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      link.broken = true
      if (!link.held) end(link)
    })
  }
  settle(link)
}

const open = (name, target, answer) => {
  const known = entrances.get(name)
  if (known !== undefined) {
    known.target = target
    answer(known.port)
    return
  }
  const server = createServer({ noDelay: true }, (near) => enter(name, near))
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    entrances.set(name, { target, port })
    answer(port)
  })
}

parentPort.on('message', (message) => {
  const answer = (port) => parentPort.postMessage({ ask: message.ask, port })
  if (message.open !== undefined) return open(message.open, message.port, answer)
  if (message.hold !== undefined) held.add(message.hold)
  if (message.release !== undefined) held.delete(message.release)
  for (const link of [...links]) settle(link)
  answer(0)
})
`
