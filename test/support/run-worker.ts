import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const loader = new URL('typescript-loader.mjs', import.meta.url).href

/**
 * Runs test/support/workers/<name>.ts in a process of its own. It gets `input` as JSON in its only argument, and answers
 * with JSON on its output.
 */
export const runWorker = async <Output>(name: string, input: object): Promise<Output> => {
  const script = fileURLToPath(new URL(`workers/${name}.ts`, import.meta.url))
  const child = spawn(process.execPath, ['--import', loader, script, JSON.stringify(input)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`the worker ${name} ended with ${code}`)
  return JSON.parse(output) as Output
}
