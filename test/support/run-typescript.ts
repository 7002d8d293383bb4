import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { typescriptArgs } from './typescript-args.js'

export interface TypeScriptProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  /** The first line it prints; rejects when it ends without one. */
  readonly firstLine: Promise<string>
  /** Its exit code and what it wrote to stderr; the code is `null` after a signal. */
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>
}

/** Runs a TypeScript file of the repository in a Node process of its own. */
export const runTypeScript = (file: string, environment: NodeJS.ProcessEnv = {}): TypeScriptProcess => {
  const child = spawn(process.execPath, typescriptArgs(file), {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<{ code: number | null; stderr: string }>((settle) => {
    child.once('close', (code) => settle({ code, stderr }))
  })
  const firstLine = new Promise<string>((settle, fail) => {
    createInterface({ input: child.stdout }).once('line', settle)
    child.once('close', () => fail(new Error(`${file} ended without a line:\n${stderr}`)))
  })
  // Whoever awaits only one of the two must not be hit by the other.
  firstLine.catch(() => undefined)
  return { child, firstLine, ended }
}
