import type { Cluster, Command, Redis } from 'ioredis'

/** Of a cluster: the node had no connection yet, or none any more. */
const NO_CONNECTION = /^Connection is closed\.|^Cluster isn't ready|^Cluster is ended/
/** Said by a node in place of executing the command, which goes to another one, or to the same one later. */
const SENT_ON = /^(?:MOVED|ASK|TRYAGAIN) /

export const UNSENT = 'There is no connection to the node, and nothing was sent'

/**
 * A Cluster client says the same of a command that was on a connection when it ended, and of one that only waited for a
 * connection, or found none. Of the latter it says here that it was not sent: what was not put into bytes was not executed, nor
 * what was answered by sending it on.
 *
 * @param isMet whether a node may be sent commands: one whose connection is new may be a server that was started anew
 */
export const tellingUnsent = (cluster: Cluster, isMet: (node: Redis) => boolean): Cluster => {
  const ofCluster = new WeakSet<Command>()
  cluster.on('+node', (node: Redis) => {
    const send = node.sendCommand.bind(node)
    node.sendCommand = (command, stream) => {
      if (isMet(node) || cluster.status !== 'ready' || !ofCluster.has(command)) return send(command, stream)
      if (node.status === 'wait') node.connect().catch(() => undefined)
      command.reject(new Error(UNSENT))
      return command.promise
    }
  })
  const send = cluster.sendCommand.bind(cluster)
  cluster.sendCommand = (command, stream, node) => {
    // The commands of a pipeline are put into bytes together, and are sent on together.
    if (stream !== undefined) return send(command, stream, node)
    ofCluster.add(command)
    const toWritable = command.toWritable.bind(command)
    const { reject } = command
    let mayBeExecuted = false
    command.toWritable = (socket: Parameters<Command['toWritable']>[0]) => {
      mayBeExecuted = true
      return toWritable(socket)
    }
    command.reject = (error) => reject(!mayBeExecuted && NO_CONNECTION.test(error.message) ? new Error(UNSENT) : error)
    const sent: unknown = send(command, stream, node)
    // By now it is that of the cluster, which hears of each answer before it decides where the command goes next.
    const decide = command.reject
    command.reject = (error) => {
      if (SENT_ON.test(error.message)) mayBeExecuted = false
      decide(error)
    }
    return sent
  }
  return cluster
}
