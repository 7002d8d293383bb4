import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const TIMEOUT_MS = 10_000

const run = promisify(execFile)

/** @throws Error when there is no such command, or with what it said */
export const openssl = async (folder: string, args: readonly string[]): Promise<void> => {
  try {
    await run('openssl', [...args], { cwd: folder, env: process.env, timeout: TIMEOUT_MS })
  } catch (cause) {
    const { code, stderr } = cause as { readonly code?: unknown; readonly stderr?: unknown }
    throw new Error(
      code === 'ENOENT'
        ? 'a server with TLS needs the command openssl in PATH, which makes its certificates: install the package openssl'
        : `openssl ${args[0]} failed: ${String(stderr).trim()}`,
      { cause },
    )
  }
}
