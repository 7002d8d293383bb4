import type { Redis } from 'ioredis'
import type { ServerControls } from '../real-redis/controls/server-controls.js'
import type { ServerFault } from '../real-redis/controls/server-fault.interface.js'
import { changeSettings, type Settings } from '../real-redis/controls/settings.js'
import { poll } from '../real-redis/poll.js'
import { withProbeClient } from '../real-redis/probe-client.js'
import { Gate } from './gate.js'
import { isPeerAddress } from './peer-address.js'

const TIMEOUT_MS = 5_000
/** A user that no server has: replication does not get past its handshake. */
const NOBODY = { masteruser: 'nobody', masterauth: 'nothing' }

const peersOf = async (admin: Redis): Promise<string[]> => {
  const clients = String(await admin.client('LIST')).split('\n')
  return clients.flatMap((client) => {
    const [, id, address] = /^id=(\d+) addr=(\S+):/.exec(client) ?? []
    return id !== undefined && isPeerAddress(address) ? [id] : []
  })
}

/** Whether it has no peer any more, and follows none. */
const isAlone = async (admin: Redis): Promise<boolean> => {
  const peers = await peersOf(admin)
  const replication = await admin.info('replication')
  return peers.length === 0 && !replication.includes('master_link_status:up')
}

/** Closes the connections to and from other servers. Those that come back find the gate. */
const leavePeers = async (admin: Redis): Promise<void> => {
  for (const id of await peersOf(admin)) await admin.client('KILL', 'ID', id)
  await admin.call('CLIENT', 'KILL', 'TYPE', 'master')
}

/**
 * Cuts the connections between a server and its peers on the port for commands: replication, and what Sentinels ask. Those
 * there are get closed, and new ones get no answer. Clients stay connected; new ones are let through by this process.
 */
export const cutOff = async (controls: ServerControls, port: number, peer: string): Promise<ServerFault> => {
  const admin = await controls.admin()
  const gate = new Gate(port, peer)
  let before: Settings = {}
  const fault = controls.fault(async () => {
    await gate.close()
    // One that was started again meanwhile, or will be, has what its arguments say.
    if (controls.process.id !== undefined) await changeSettings(await controls.admin(), before)
  })
  try {
    before = await changeSettings(admin, { bind: peer, ...NOBODY })
    await gate.open()
    const alone = await poll(async () => {
      await leavePeers(admin)
      return (await isAlone(admin)) ? true : undefined
    }, TIMEOUT_MS)
    if (alone === undefined) throw new Error(`the server on port ${port} did not get rid of its peers`)
    await withProbeClient(controls.url, (client) => client.ping())
    return fault
  } catch (error) {
    await fault.restore()
    throw error
  }
}
