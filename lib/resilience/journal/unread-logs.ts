import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

const FOLDER = 'unread-logs'

/**
 * Keeps what LevelDB has not read yet until it is proved that it could read all of it: on opening it moves its logs into
 * tables, and deletes them with what it passed over.
 */
export const keepLogs = async (directory: string): Promise<void> => {
  const folder = join(directory, FOLDER)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const name of await readdir(directory)) {
    if (name.endsWith('.log')) await keep(join(directory, name), join(folder, name))
  }
}

export const dropKeptLogs = (directory: string): Promise<void> =>
  rm(join(directory, FOLDER), { recursive: true, force: true })

/** By a second link, which costs nothing, where there are such. One that is there already is from a start that failed. */
const keep = async (from: string, to: string): Promise<void> => {
  try {
    await link(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await copyFile(from, to)
  }
}
