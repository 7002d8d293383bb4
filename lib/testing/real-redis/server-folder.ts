import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** What stands in this folder of a server's folder is who it is, and no data. */
export const CONFIGURATION = 'configuration'

export const fileIn = (folder: string, name: string): string => join(folder, CONFIGURATION, name)

/** Removes the data. */
export const emptyFolder = async (folder: string): Promise<void> => {
  const names = (await readdir(folder)).filter((name) => name !== CONFIGURATION)
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true })))
}
