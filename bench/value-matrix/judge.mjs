import { isExact } from './is-exact.mjs'

/** What can become of a value, from the best on. */
export const VERDICTS = ['exact', 'refused', 'unreadable', 'WRONG']

const isExactOrThrows = (back, original) => {
  try {
    return isExact(back, original)
  } catch {
    return false
  }
}

/** Writes one value, reads it back and says what became of it: not written, not read, or read as something else. */
export const judge = ({ write, read }, value) => {
  let written
  try {
    written = write(value)
  } catch {
    return 'refused'
  }
  try {
    return isExactOrThrows(read(written), value) ? 'exact' : 'WRONG'
  } catch {
    return 'unreadable'
  }
}
