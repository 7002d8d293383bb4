import { runToEnd } from './run-to-end.js'
import { workerArgs } from './typescript-args.js'

/** Runs test/support/workers/<name>.ts in a process of its own, which answers with JSON on its output. */
export const runWorker = async <Output>(name: string, input: object): Promise<Output> => {
  const { code, output } = await runToEnd(process.execPath, workerArgs(name, input))
  if (code !== 0) throw new Error(`the worker ${name} ended with ${code}`)
  return JSON.parse(output) as Output
}
