import { readFile, writeFile } from 'node:fs/promises'
import { markdown } from './format.mjs'

const DOCS = new URL('../../docs/', import.meta.url)
const PAGE = new URL('performance.md', DOCS)
const PICTURE_NAME = 'performance.svg'
const [BEGIN, END] = ['<!-- tables: begin, written by npm run bench -- --write-docs -->', '<!-- tables: end -->']

const tableOf = ({ title, rows, right }) => [
  `### ${title[0].toUpperCase()}${title.slice(1)}`,
  '',
  ...markdown(rows, right),
  '',
]

/** Puts the tables between the two marks of docs/performance.md, and the picture beside it: no figure there is typed by hand. */
export const writeDocs = async ({ tables, about, svg }) => {
  const page = await readFile(PAGE, 'utf8')
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (from === -1 || to < from) throw new Error('docs/performance.md has no marks for the tables')
  const image = svg === undefined ? [] : [`![What a call costs over the length of the history](${PICTURE_NAME})`, '']
  const lines = [
    BEGIN,
    '',
    ...about.flatMap((line) => [line, '']),
    ...image,
    ...tables.flatMap((table) => tableOf(table)),
    END,
  ]
  await writeFile(PAGE, page.slice(0, from) + lines.join('\n') + page.slice(to + END.length))
  if (svg !== undefined) await writeFile(new URL(PICTURE_NAME, DOCS), svg)
}
