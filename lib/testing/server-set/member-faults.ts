import { kill } from '../real-redis/controls/kill.js'
import { pause } from '../real-redis/controls/pause.js'
import { faultOf } from '../real-redis/controls/faults.js'
import type { ServerControls } from '../real-redis/controls/server-controls.js'
import type { ServerFault } from '../real-redis/controls/server-fault.interface.js'
import { cutOff } from './cut-off.js'
import type { Member } from './member.js'
import { needsOwn } from './require-own.js'

/** @throws Error where the server is no process of ours, or is killed already */
export const controlsOf = ({ controls, name, up }: Member, method: string): ServerControls => {
  if (controls === undefined) throw needsOwn(method)
  if (!up) throw new Error(`${method}(): ${name} is down`)
  return controls
}

/** Nobody asks a member until the fault is taken back. */
const whileAway = ({ away }: Member, why: 'paused' | 'cut off', fault: ServerFault): ServerFault => {
  away.add(why)
  return faultOf(async () => {
    await fault.restore()
    away.delete(why)
  })
}

export const killMember = async (member: Member, method: string): Promise<ServerFault> =>
  await kill(controlsOf(member, method))

export const pauseMember = async (member: Member, method: string): Promise<ServerFault> =>
  whileAway(member, 'paused', await pause(controlsOf(member, method)))

export const cutMemberOff = async (member: Member, method: string): Promise<ServerFault> => {
  const controls = controlsOf(member, method)
  const { name, plan, away } = member
  if (plan.peer === undefined)
    throw new Error(`${method}() needs a system on which every address of 127.0.0.0/8 is its own, as Linux is`)
  const [why] = away
  if (why !== undefined) throw new Error(`${method}(): ${name} is ${why}`)
  return whileAway(member, 'cut off', await cutOff(controls, plan.port, plan.peer))
}

/** Ends a server, if it is up, and starts it on its port. @throws Error when it is cut off: somebody else has the port */
export const restartMember = async (member: Member, method: string, keepData: boolean): Promise<void> => {
  const { controls, name, away } = member
  if (controls === undefined) throw needsOwn(method)
  if (away.has('cut off')) throw new Error(`${method}(): ${name} is cut off`)
  await controls.leave()
  await controls.process.restart({ keepData })
  away.clear()
}
