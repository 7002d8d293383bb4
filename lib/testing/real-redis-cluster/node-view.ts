/** How one node sees another, or itself. */
export interface NodeView {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly role: 'master' | 'replica'
  readonly masterId: string | undefined
  /** By which it won its slots: who has the greater one has them. */
  readonly epoch: number
  readonly slots: readonly (readonly [from: number, to: number])[]
  /** Whether it takes it for dead, alone (`suspected`) or with the majority (`failed`). */
  readonly failed: boolean
  readonly suspected: boolean
}

const rangeOf = (text: string): [number, number] | undefined => {
  // `[93-<-id]` is a slot on its way.
  const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  return from === undefined ? undefined : [Number(from), Number(to ?? from)]
}

const parseNode = (line: string): NodeView | undefined => {
  const [id = '', address = '', flags = '', master = '', , , epoch, , ...slots] = line.split(' ')
  const [, host, port] = /^(.*?):(\d+)/.exec(address) ?? []
  const is = new Set(flags.split(','))
  // A node that is only just being met has no lasting name yet.
  if (host === undefined || is.has('handshake') || is.has('noaddr')) return undefined
  return {
    id,
    host,
    port: Number(port),
    role: is.has('master') ? 'master' : 'replica',
    masterId: master === '-' ? undefined : master,
    epoch: Number(epoch),
    slots: slots.map(rangeOf).filter((range) => range !== undefined),
    failed: is.has('fail'),
    suspected: is.has('fail?'),
  }
}

/** Reads the answer to CLUSTER NODES; leaves out what is no node yet. */
export const parseNodes = (text: string): NodeView[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseNode)
    .filter((node) => node !== undefined)
