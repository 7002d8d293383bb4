import { randomUUID } from 'node:crypto'

/** A message as a thin wrapper keeps it, with what this module gives every message as well. */
export const thinRecord = ({ role, content }) => ({
  id: randomUUID().slice(0, 18),
  role,
  content,
  createdAt: new Date().toISOString(),
})
