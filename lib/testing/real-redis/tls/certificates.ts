import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openssl } from './openssl.js'

const DAY_MS = 86_400_000

/** The name that stands in the certificate of a server that is another one. */
export const OTHER_NAME = 'other.example'

const CONFIG = `
[req]
prompt = no
distinguished_name = name
[name]
CN = agent-memory
[ca]
default_ca = authority
[authority]
new_certs_dir = .
database = index
rand_serial = yes
default_md = sha256
unique_subject = no
policy = policy
certificate = ca.pem
private_key = ca.key
[policy]
commonName = supplied
[issuer]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
[other]
subjectAltName = DNS:${OTHER_NAME}
[client]
extendedKeyUsage = clientAuth
`

/** What they are called as files, and what they certify. `from` and `to` are days from now. */
const ISSUED = {
  server: { section: 'server', from: -1, to: 2 },
  expired: { section: 'server', from: -3, to: -1 },
  otherName: { section: 'other', from: -1, to: 2 },
  client: { section: 'client', from: -1, to: 2 },
  expiredClient: { section: 'client', from: -3, to: -1 },
} as const

/** In PEM. All but the authority have the same key. */
export type Certificates = Readonly<Record<keyof typeof ISSUED | 'authority' | 'key', string>>

/** As the command takes it: 20261122233500Z. */
const timeIn = (days: number): string =>
  `${new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 19).replaceAll(/\D/g, '')}Z`

const issue = async (folder: string): Promise<Certificates> => {
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')
  await writeFile(join(folder, 'config'), CONFIG)
  await writeFile(join(folder, 'index'), '')
  const newKey = ['-config', 'config', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const authority = ['-subj', '/CN=agent-memory-authority', '-days', '2', '-extensions', 'issuer']
  await openssl(folder, ['req', '-x509', ...newKey, ...authority, '-keyout', 'ca.key', '-out', 'ca.pem'])
  await openssl(folder, ['req', '-new', ...newKey, '-keyout', 'key.pem', '-out', 'request.pem'])
  const issued: Record<string, string> = {}
  // One after the other: the authority keeps a list of them.
  for (const [name, { section, from, to }] of Object.entries(ISSUED)) {
    const life = ['-startdate', timeIn(from), '-enddate', timeIn(to)]
    const given = ['-batch', '-notext', '-config', 'config', '-extensions', section, '-in', 'request.pem']
    await openssl(folder, ['ca', ...given, ...life, '-out', name])
    issued[name] = await read(name)
  }
  return { ...issued, authority: await read('ca.pem'), key: await read('key.pem') } as Certificates
}

/**
 * An authority of this run alone, and what it certifies. The files it takes to make them are gone when they are made, and
 * the key of the authority with them.
 *
 * @throws Error when there is no openssl
 */
export const makeCertificates = async (): Promise<Certificates> => {
  const folder = await mkdtemp(join(tmpdir(), 'agent-memory-tls-'))
  try {
    return await issue(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
