import { TargetProcess } from '../run/process.mjs'

/** Heap that 1,000 open sessions take, each with one append and one window behind it: in a fresh process, in KiB. */
export const heap = async ({ url }) => {
  const target = new TargetProcess('./cost/open-sessions.mjs', { url })
  try {
    return await target.ask('open')
  } finally {
    await target.close()
  }
}
