import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Ended {
  /** `null` after a signal. */
  readonly code: number | null
  readonly output: string
}

/** Runs a command to its end, and stops it when that takes longer than `within` ms. Its stderr is ours. */
export const runToEnd = async (command: string, args: readonly string[], within = 60_000): Promise<Ended> => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: within })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}
