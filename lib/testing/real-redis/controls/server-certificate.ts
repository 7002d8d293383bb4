import { certificateFile } from '../tls/tls-plan.js'
import type { ServerCertificate } from '../tls/tls-options.interface.js'
import type { ServerControls } from './server-controls.js'
import type { ServerFault } from './server-fault.interface.js'
import { faultBySettings } from './settings.js'

export const serverCertificate = (controls: ServerControls, certificate: ServerCertificate): Promise<ServerFault> =>
  faultBySettings(controls, { 'tls-cert-file': certificateFile(certificate) })
