import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { HistoryReport } from 'nestjs-agent-memory/testing'

/** What a command of this folder counted. */
export interface CommandResult {
  readonly code: number | null
  readonly output: string
  readonly counted: {
    readonly short: readonly string[]
    readonly report: HistoryReport
    readonly appended: number
    readonly injected: number
  }
}

const loader = new URL('../support/typescript-loader.mjs', import.meta.url).href

/** Runs the chaos run as its command does, in a process of its own: its heap and its rejections are its own. */
export const runChaosCommand = async (args: readonly string[]): Promise<CommandResult> => {
  const script = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', loader, script, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 100_000,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [code] = (await once(child, 'close')) as [number | null]
  const counted = JSON.parse(output.trim().split('\n').at(-1)!) as CommandResult['counted']
  return { code, output, counted }
}
