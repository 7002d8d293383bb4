import type { ServerControls } from './server-controls.js'
import type { ServerFault } from './server-fault.interface.js'
import { changeSettings } from './settings.js'

/** @publicApi */
export interface ReadOnlyOptions {
  /**
   * Whether reads are answered; without, they get MASTERDOWN.
   *
   * @default true
   */
  readonly staleReads?: boolean
}

/** A port of 127.0.0.1 on which nobody listens, who is no superuser. */
const NOBODY = 1

export const readOnly = async (
  controls: ServerControls,
  { staleReads = true }: ReadOnlyOptions,
): Promise<ServerFault> => {
  const admin = await controls.admin()
  const before = await changeSettings(admin, {
    'replica-read-only': 'yes',
    'replica-serve-stale-data': staleReads ? 'yes' : 'no',
  })
  await admin.replicaof('127.0.0.1', NOBODY)
  return controls.fault(async () => {
    const client = await controls.admin()
    await client.replicaof('NO', 'ONE')
    await changeSettings(client, before)
  })
}
