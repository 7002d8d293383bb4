import { readdir } from 'node:fs/promises'
import { isError } from '../../errors/is-error.js'
import { journalDamaged, openFailed } from './journal-errors.js'
import { JournalIndex } from './journal-index.js'
import { entryOf, LEDGER_KEY, parseKey, unseal } from './journal-record.js'
import { LedgerCount, parseLedger, type Ledger } from './ledger.js'
import type { Level, LevelClass } from './level.interface.js'
import { dropKeptLogs, keepLogs } from './unread-logs.js'
import { Witness } from './witness.js'

/** An open journal. */
export interface JournalStore {
  readonly level: Level
  readonly witness: Witness
  readonly index: JournalIndex
}

/**
 * Opens the database and proves that all acknowledged entries are in it.
 *
 * @throws MemoryConfigError, MemoryCorruptError, MemoryFullError
 */
export const openStore = async (Level: LevelClass, directory: string): Promise<JournalStore> => {
  const acknowledged = await Witness.read(directory)
  const isNew = await holdsNoDatabase(directory, acknowledged)
  await keepLogs(directory)
  const level = new Level(directory, { createIfMissing: isNew })
  try {
    await level.open()
  } catch (error) {
    throw openFailed(error)
  }
  try {
    const index = await readIndex(level, acknowledged)
    const witness = await Witness.open(directory)
    await dropKeptLogs(directory)
    return { level, witness, index }
  } catch (error) {
    await level.close()
    throw error
  }
}

/**
 * LevelDB makes a new database where its file CURRENT is missing, and deletes the tables of the old one; so that is asked
 * for only where no entry can be.
 */
const holdsNoDatabase = async (directory: string, acknowledged: number | undefined): Promise<boolean> => {
  const names = await readdir(directory)
  if (names.includes('CURRENT')) return false
  if (acknowledged !== undefined || names.some((name) => /\.(log|ldb|sst)$/.test(name))) {
    throw journalDamaged('its file CURRENT is missing')
  }
  return true
}

interface ReadRecords {
  readonly index: JournalIndex
  readonly ledger: Ledger | undefined
}

const readIndex = async (level: Level, acknowledged: number | undefined): Promise<JournalIndex> => {
  const { index, ledger } = await readRecords(level)
  const { next, records, sum } = ledger ?? new LedgerCount()
  if (ledger === undefined && ((acknowledged ?? 0) > 0 || index.ledger.records > 0)) {
    throw journalDamaged('its ledger is missing')
  }
  if (next <= (acknowledged ?? 0)) {
    throw journalDamaged(`it ends at entry ${next - 1}, and entry ${acknowledged} was acknowledged`)
  }
  if (records !== index.ledger.records || sum !== index.ledger.sum) {
    throw journalDamaged(`it holds ${index.ledger.records} records that are not the ${records} of its ledger`)
  }
  index.ledger.next = next
  return index
}

const readRecords = async (level: Level): Promise<ReadRecords> => {
  const index = new JournalIndex()
  let ledger: Ledger | undefined
  try {
    for await (const [key, value] of level.iterator()) {
      if (key === LEDGER_KEY) ledger = parseLedger(value) ?? garbled('its ledger')
      else readRecord(index, key, value)
    }
  } catch (error) {
    throw isError(error) && 'code' in error && error.code === 'CORRUPT'
      ? error
      : journalDamaged('it cannot be read', error)
  }
  return { index, ledger }
}

/** Entries come before the marks of those set aside: `e` before `x`. */
const readRecord = (index: JournalIndex, key: string, value: string): void => {
  const { kind, id } = parseKey(key) ?? garbled('a key')
  const { content, checksum } = unseal(key, value) ?? garbled(`a record of entry ${id}`)
  const bytes = sizeOf(key, value)
  if (kind === 'aside') {
    if (!index.isWaiting(id)) throw journalDamaged(`entry ${id} was set aside and is missing`)
    index.setAside(id, { bytes, checksum })
    return
  }
  const { session, at } = entryOf(content)
  index.add({ id, session, at, bytes, checksum })
}

const garbled = (what: string): never => {
  throw journalDamaged(`${what} is garbled`)
}

/** What a record counts against the cap. */
export const sizeOf = (key: string, value: string): number => key.length + Buffer.byteLength(value)
