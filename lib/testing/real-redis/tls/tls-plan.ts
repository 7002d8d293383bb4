import { CONFIGURATION } from '../server-folder.js'
import type { ServerPlan } from '../server-plan.js'
import type { Certificates } from './certificates.js'
import type { RealRedisTlsOptions, ServerCertificate } from './tls-options.interface.js'

const FILES = { valid: 'valid.pem', expired: 'expired.pem', 'other-name': 'other-name.pem' } as const
const KEY = 'key.pem'
const AUTHORITY = 'ca.pem'

/** From the folder of the server, which is where it works. */
const pathOf = (name: string): string => `${CONFIGURATION}/${name}`

export const certificateFile = (certificate: ServerCertificate): string => pathOf(FILES[certificate])

/** What makes a server listen on a second port, with TLS. */
export const tlsPlan = (
  port: number,
  certificates: Certificates,
  { clientCertificates = 'none' }: RealRedisTlsOptions,
): Pick<ServerPlan, 'args' | 'files'> => ({
  args: [
    ['--tls-port', String(port), '--tls-auth-clients', clientCertificates === 'required' ? 'yes' : 'no'],
    ['--tls-cert-file', certificateFile('valid'), '--tls-key-file', pathOf(KEY)],
    ['--tls-ca-cert-file', pathOf(AUTHORITY)],
  ].flat(),
  files: {
    [FILES.valid]: certificates.server,
    [FILES.expired]: certificates.expired,
    [FILES['other-name']]: certificates.otherName,
    [KEY]: certificates.key,
    [AUTHORITY]: certificates.authority,
  },
})
