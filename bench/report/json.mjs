import { mkdir, writeFile } from 'node:fs/promises'

const FOLDER = new URL('../results/', import.meta.url)

/** One file for each run, by its time; and the same as `latest.json`. @returns the path of the first */
export const writeResults = async (results) => {
  await mkdir(FOLDER, { recursive: true })
  const text = `${JSON.stringify(results, undefined, 2)}\n`
  const name = `bench-${results.date.toISOString().replaceAll(':', '').slice(0, 17)}.json`
  for (const file of [name, 'latest.json']) await writeFile(new URL(file, FOLDER), text)
  return `bench/results/${name}`
}
