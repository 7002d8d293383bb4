import { randomBytes } from 'node:crypto'
import { ours } from './memory.mjs'

/** With `serialization.encryption`. Records are bound to their key, so sessions are filled one by one. */
export const open = ({ url }) =>
  ours({
    connection: { url },
    serialization: { encryption: { current: 'bench', keys: { bench: randomBytes(32).toString('base64') } } },
  })
