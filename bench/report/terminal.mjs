import { columns } from './format.mjs'

/** @param {readonly { title: string, rows: readonly string[][], right: readonly number[] }[]} tables */
export const printTables = (tables) => {
  for (const { title, rows, right } of tables) {
    console.log(`\n${title}`)
    for (const line of columns(rows, right)) console.log(`  ${line}`)
  }
}
