import { setNewest } from './set-newest.js'

const MAX_SESSIONS = 10_000

/**
 * The last seq of the sessions this process wrote to last. An encrypted message is bound to its seq, which only Redis gives:
 * so it is encrypted for the one expected, and again when another writer was faster.
 */
export class LastSeqs {
  private readonly seqs = new Map<string, number>()

  /** 0 where nothing is known. */
  get(key: string): number {
    return this.seqs.get(key) ?? 0
  }

  /** `undefined` where nothing is known. */
  known(key: string): number | undefined {
    return this.seqs.get(key)
  }

  /** Another session stands there. */
  forget(key: string): void {
    this.seqs.delete(key)
  }

  set(key: string, seq: number): void {
    setNewest(this.seqs, key, seq, MAX_SESSIONS)
  }
}
