import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { ServerControls } from './server-controls.js'
import type { ServerFault } from './server-fault.interface.js'

/** @publicApi */
export interface AclUserOptions {
  /** `'default'` is who clients are that name no user. */
  readonly name: string
  /** As of ACL SETUSER: `['~*', '+@all', '-evalsha']`; for a user there is already, on top of its rules. */
  readonly rules: readonly string[]
  /**
   * @default a random one for a new user; for a user there is already, the ones it has
   */
  readonly password?: string
}

/** @publicApi */
export interface AclUser extends ServerFault {
  /** The URL of the server with the user's name and password. */
  readonly url: string
}

const lineOf = async (admin: Redis, name: string): Promise<string | undefined> => {
  const lines: unknown = await admin.call('ACL', 'LIST')
  return Array.isArray(lines) ? lines.map(String).find((line) => line.startsWith(`user ${name} `)) : undefined
}

/** @throws Error when there is no such user */
const knownLine = async (admin: Redis, name: string, method: string): Promise<string> => {
  const line = await lineOf(admin, name)
  if (line === undefined) throw new Error(`RealRedis.${method}: there is no such user`)
  return line
}

const backTo = (controls: ServerControls, name: string, line: string | undefined): ServerFault =>
  controls.fault(async () => {
    const admin = await controls.admin()
    if (line === undefined) await admin.call('ACL', 'DELUSER', name)
    else await admin.call('ACL', 'SETUSER', name, 'reset', ...line.split(' ').slice(2))
  })

const urlOf = (controls: ServerControls, name: string, password: string | undefined): string => {
  const url = new URL(controls.clientUrl)
  url.username = encodeURIComponent(name)
  if (password !== undefined) url.password = encodeURIComponent(password)
  return url.href
}

export const aclUser = async (
  controls: ServerControls,
  { name, rules, password }: AclUserOptions,
): Promise<AclUser> => {
  const admin = await controls.admin()
  const line = await lineOf(admin, name)
  const secret = password ?? (line === undefined ? randomUUID() : undefined)
  const access = [...(line === undefined ? ['on'] : []), ...(secret === undefined ? [] : [`>${secret}`])]
  await admin.call('ACL', 'SETUSER', name, ...access, ...rules)
  return { ...backTo(controls, name, line), url: urlOf(controls, name, secret) }
}

export const rotatePassword = async (controls: ServerControls, name: string, password: string): Promise<AclUser> => {
  const admin = await controls.admin()
  const line = await knownLine(admin, name, 'rotatePassword()')
  await admin.call('ACL', 'SETUSER', name, 'resetpass', `>${password}`)
  return { ...backTo(controls, name, line), url: urlOf(controls, name, password) }
}

export const deleteUser = async (controls: ServerControls, name: string): Promise<ServerFault> => {
  const admin = await controls.admin()
  const line = await knownLine(admin, name, 'deleteUser()')
  await admin.call('ACL', 'DELUSER', name)
  return backTo(controls, name, line)
}
