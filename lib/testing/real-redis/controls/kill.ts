import type { ServerControls } from './server-controls.js'
import type { ServerFault } from './server-fault.interface.js'

export const kill = async (controls: ServerControls): Promise<ServerFault> => {
  await controls.leave()
  await controls.process.kill()
  return controls.fault(async () => {
    if (controls.process.id === undefined) await controls.process.restart({ keepData: true })
  })
}
