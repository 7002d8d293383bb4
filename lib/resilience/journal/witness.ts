import { constants } from 'node:fs'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { seal, unseal } from './journal-record.js'

const NAME = 'acknowledged'
const BYTES = 32

/**
 * A file beside the database with the id of the last entry that was acknowledged.
 *
 * LevelDB takes a damaged end of its log for a write that was cut off, and drops it without a word, with all that follows
 * in the block. A look at the log cannot tell the two; this file can. It is not forced to disk: after a power failure it may
 * be behind, and is then no help, but it is never ahead.
 */
export class Witness {
  private constructor(private readonly file: FileHandle) {}

  /** What the file says, `0` when it says nothing that can be read; `undefined` when there is none. */
  static async read(directory: string): Promise<number | undefined> {
    try {
      const content = unseal(NAME, (await readFile(join(directory, NAME), 'utf8')).trimEnd())?.content
      return typeof content === 'number' ? content : 0
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  static async open(directory: string): Promise<Witness> {
    return new Witness(await open(join(directory, NAME), constants.O_RDWR | constants.O_CREAT, 0o600))
  }

  async write(id: number): Promise<void> {
    await this.file.write(`${seal(NAME, id).value.padEnd(BYTES - 1)}\n`, 0)
  }

  async close(): Promise<void> {
    await this.file.close()
  }
}
