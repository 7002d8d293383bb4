/** What a call costs over the length of the history, one caller, both axes logarithmic. */

const LINES = [
  { operation: 'append', target: 'ours', color: '#0b7285', name: 'append' },
  { operation: 'last-20', target: 'ours', color: '#0b7285', name: 'last 20', dash: true },
  { operation: 'append', target: 'naive', color: '#c92a2a', name: 'append, one JSON text' },
  { operation: 'last-20', target: 'naive', color: '#c92a2a', name: 'last 20, one JSON text', dash: true },
  { operation: 'append', target: 'langchain', color: '#e67700', name: 'append, LangChain' },
  { operation: 'last-20', target: 'langchain', color: '#e67700', name: 'last 20, LangChain', dash: true },
  { operation: 'append', target: 'chat-sdk', color: '#5f3dc4', name: 'append, Chat SDK' },
  { operation: 'last-20', target: 'chat-sdk', color: '#5f3dc4', name: 'last 20, Chat SDK', dash: true },
]
const LENGTHS = [10, 100, 1_000, 10_000]
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [860, 460, 70, 210, 50, 50]
/** Between the names of two lines, at the least. */
const NAME_HEIGHT = 16

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const text = (x, y, content, more = '') => `<text x="${x}" y="${y}" ${more}>${escaped(content)}</text>`

const withUnit = (power) => (power >= 3 ? `${10 ** (power - 3)} ms` : `${10 ** power} µs`)

const linesOf = (summaries) =>
  LINES.flatMap((line) => {
    const points = LENGTHS.flatMap((history) => {
      const found = summaries.find(({ name }) => name === `${line.operation}/${line.target}/${history}x1`)
      return found?.microseconds === undefined ? [] : [{ history, microseconds: found.microseconds }]
    })
    return points.length < 2 ? [] : [{ ...line, points }]
  })

/** Names beside the ends of their lines, moved apart where they would stand on each other. */
const placed = (lines, y) => {
  let last = -Infinity
  return lines
    .map((line) => ({ ...line, at: y(line.points.at(-1).microseconds) }))
    .toSorted((one, other) => one.at - other.at)
    .map((line) => ({ ...line, at: (last = Math.max(line.at, last + NAME_HEIGHT)) }))
}

/** `undefined` when the rows were not measured. @param summaries of the rows @param {string} caption */
export const picture = (summaries, caption) => {
  const lines = linesOf(summaries)
  if (lines.length === 0) return undefined
  const times = lines.flatMap(({ points }) => points.map(({ microseconds }) => microseconds))
  const [low, high] = [Math.floor(Math.log10(Math.min(...times))), Math.ceil(Math.log10(Math.max(...times)))]
  const x = (history) => LEFT + ((Math.log10(history) - 1) / 3) * (WIDTH - LEFT - RIGHT)
  const y = (microseconds) =>
    HEIGHT - BOTTOM - ((Math.log10(microseconds) - low) / (high - low)) * (HEIGHT - TOP - BOTTOM)
  const grid = Array.from({ length: high - low + 1 }, (_, index) => low + index).flatMap((power) => [
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(10 ** power)}" y2="${y(10 ** power)}" stroke="#dee2e6"/>`,
    text(LEFT - 8, y(10 ** power) + 4, withUnit(power), 'text-anchor="end"'),
  ])
  const ticks = LENGTHS.map((history) =>
    text(x(history), HEIGHT - BOTTOM + 20, `${history.toLocaleString('en')} messages`, 'text-anchor="middle"'),
  )
  const drawn = placed(lines, y).flatMap(({ points, color, dash, name, at }) => {
    const path = points.map(({ history, microseconds }) => `${x(history)},${y(microseconds).toFixed(1)}`).join(' ')
    const dashes = dash === true ? ' stroke-dasharray="6 4"' : ''
    return [
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"${dashes}/>`,
      text(WIDTH - RIGHT + 8, (at + 4).toFixed(1), name, `fill="${color}"`),
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>What a call costs over the length of the history</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 22, 'One call of one caller, by the length of the history (both logarithmic)', 'font-size="14"'),
    text(LEFT, 38, caption, 'fill="#868e96" font-size="11"'),
    ...grid,
    ...ticks,
    ...drawn,
    '</svg>',
    '',
  ].join('\n')
}
