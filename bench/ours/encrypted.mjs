import { randomBytes } from 'node:crypto'
import { ours } from './memory.mjs'

/**
 * With `serialization.encryption`. Records are bound to their key, so there are no copies: sessions are filled one by one, once, and
 * get longer as they are used.
 */
export const open = async ({ url }) => {
  const key = randomBytes(32).toString('base64')
  const memory = await ours({
    connection: { url },
    serialization: { encryption: { current: 'bench', keys: { bench: key } } },
  })
  return { ...memory, fillsSlowly: true }
}
