/** Numbers as a reader takes them in: three digits that count. */
export const short = (value) => {
  if (value === undefined || Number.isNaN(value)) return '-'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return value.toPrecision(Math.abs(value) < 1 ? 2 : 3)
}

export const range = (spread) => (spread === undefined ? '' : `${short(spread[0])}–${short(spread[1])}`)

/** Rows of texts as columns. @param {readonly (readonly string[])[]} rows @param right which columns are numbers */
export const columns = (rows, right) => {
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => row[at].length)))
  const cell = (text, at) => (right.includes(at) ? text.padStart(widths[at]) : text.padEnd(widths[at]))
  return rows.map((row) =>
    row
      .map((text, at) => cell(text, at))
      .join('  ')
      .trimEnd(),
  )
}

/** The same as a table of Markdown, as prettier lays it out. */
export const markdown = (rows, right) => {
  const widths = rows[0].map((_, at) => Math.max(3, ...rows.map((row) => row[at].length)))
  const cell = (text, at) => (right.includes(at) ? text.padStart(widths[at]) : text.padEnd(widths[at]))
  const line = (row) => `| ${row.map((text, at) => cell(text, at)).join(' | ')} |`
  const rule = `| ${widths.map((width, at) => (right.includes(at) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`
  const [head, ...body] = rows
  return [line(head), rule, ...body.map((row) => line(row))]
}
