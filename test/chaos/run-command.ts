import type { HistoryReport } from 'nestjs-agent-memory/testing'
import { runToEnd, type Ended } from '../support/run-to-end.js'
import { typescriptArgs } from '../support/typescript-args.js'

/** What a command of this folder counted. */
export interface CommandResult extends Ended {
  readonly counted: {
    readonly short: readonly string[]
    readonly report: HistoryReport
    readonly appended: number
    readonly injected: number
  }
}

/** Runs the chaos run as its command does, in a process of its own: its heap and its rejections are its own. */
export const runChaosCommand = async (args: readonly string[]): Promise<CommandResult> => {
  const command = [...typescriptArgs('test/chaos/main.ts'), '--json', ...args]
  const { code, output } = await runToEnd(process.execPath, command, 100_000)
  const counted = JSON.parse(output.trim().split('\n').at(-1)!) as CommandResult['counted']
  return { code, output, counted }
}
