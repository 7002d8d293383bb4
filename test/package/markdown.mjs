import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

/** The blocks of code under a heading, up to the next heading, each with its language ('' where none is named). */
export const readBlocks = (file, heading) => {
  const lines = readFileSync(file, 'utf8').split('\n')
  const start = lines.indexOf(heading)
  assert(start >= 0, `${file} has no heading "${heading}"`)
  const blocks = []
  let open
  for (const line of lines.slice(start + 1)) {
    const [, language] = /^```(\w*)$/u.exec(line) ?? []
    if (open === undefined && line.startsWith('#')) break
    if (language === undefined) open?.lines.push(line)
    else if (open === undefined) open = { language, lines: [] }
    else {
      blocks.push({ language: open.language, code: `${open.lines.join('\n')}\n` })
      open = undefined
    }
  }
  return blocks
}

/** The one block of a language under a heading. */
export const readBlock = (file, heading, language) => {
  const found = readBlocks(file, heading).filter((block) => block.language === language)
  assert.equal(found.length, 1, `${file} has one block of "${language}" under "${heading}"`)
  return found[0].code
}
