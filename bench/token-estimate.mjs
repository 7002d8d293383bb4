/**
 * Compares the token estimate with the o200k_base vocabulary, class by class, and measures what it costs.
 *
 *   npm run build && npm install --no-save gpt-tokenizer && node bench/token-estimate.mjs
 *
 * The weights were fitted to texts of these kinds, and to some of these very texts: the table guards against regressions and
 * is no proof of how well they do on others.
 *
 * `DIST` names the folder of the build (default: build). English dialogues are read from the file named by `DIALOGUES`, one
 * JSON object `{ turns: [{ content, state? }] }` a line, or from ../shared/data/sgd-dialogues.jsonl when it is there.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { texts } from './token-texts.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const built = resolve(root, process.env.DIST ?? 'build')
const dialogueFile = process.env.DIALOGUES ?? join(root, '../shared/data/sgd-dialogues.jsonl')

const load = async (specifier, advice) => {
  try {
    return await import(specifier)
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    console.log(advice)
    return undefined
  }
}

const filesBelow = (folder, extension) =>
  readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith(extension))
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((file) => join(folder, file))

/** Pieces of about the length of a long message, spread over the files. */
const pieces = (files, length = 500, count = 150) => {
  const all = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    return Array.from({ length: Math.floor(text.length / length) }, (_, i) => text.slice(i * length, (i + 1) * length))
  })
  return all.filter((_, i) => i % Math.max(1, Math.floor(all.length / count)) === 0)
}

const minified = (files) => files.map((file) => JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))).slice(0, 600))

const samples = () => {
  const nest = join(root, 'node_modules/@nestjs')
  const manifests = filesBelow(nest, '/package.json').filter((file) => !file.includes('schematics'))
  const classes = {
    ...texts,
    'code (TypeScript)': pieces(filesBelow(join(root, 'lib'), '.ts')),
    'code (JavaScript)': pieces(filesBelow(nest, '.js')),
    'JSON (indented)': pieces([...manifests, join(root, 'package-lock.json')]),
    'JSON (one line)': minified(manifests),
  }
  if (!existsSync(dialogueFile)) {
    console.log('No English dialogues: name a file of them by DIALOGUES.')
    return classes
  }
  const turns = readFileSync(dialogueFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => JSON.parse(line).turns)
  return {
    'English dialogues': turns.map(({ content }) => content),
    'dialogue state (JSON)': turns.flatMap(({ state }) => (state === undefined ? [] : JSON.stringify(state))),
    ...classes,
  }
}

const percent = (value) => `${value >= 0 ? '+' : ''}${(value * 100).toFixed(1)} %`

/** The error of the sum over a class is what a budget for a window feels; the mean of single errors is for one message. */
const compare = (name, list, estimate, encode) => {
  let [estimated, counted, quarter, deviation] = [0, 0, 0, 0]
  for (const text of list) {
    const [guess, truth] = [estimate(text), encode(text).length]
    estimated += guess
    counted += truth
    quarter += Math.ceil(text.length / 4)
    deviation += Math.abs(guess - truth) / truth
  }
  return {
    class: name,
    texts: list.length,
    tokens: counted,
    'error of the sum': percent(estimated / counted - 1),
    'mean error of one': percent(deviation / list.length),
    'chars / 4': percent(quarter / counted - 1),
  }
}

const nanoseconds = (run, rounds = 20_000) => {
  let sink = 0
  const started = performance.now()
  for (let i = 0; i < rounds; i++) sink += run(i)
  const elapsed = ((performance.now() - started) * 1e6) / rounds
  return sink < 0 ? Number.NaN : elapsed
}

const measureCost = (estimate) => {
  const english = 'I would like to move my appointment to Friday, 14 March, at 5 pm. '
  for (const [name, lines] of Object.entries({ English: [english.repeat(4)], ...texts })) {
    // Through a buffer, so that it is one flat string, as texts from requests and from Redis are.
    const text = Buffer.from(`${lines.join(' ')} `.repeat(2).slice(0, 200)).toString()
    for (let round = 0; round < 3; round++) nanoseconds(() => estimate(text))
    const best = Math.min(...Array.from({ length: 5 }, () => nanoseconds(() => estimate(text))))
    console.log(`Estimating 200 characters (${name}) takes ${(best / 1000).toFixed(2)} us.`)
  }
}

const estimator = await load(
  pathToFileURL(join(built, 'context/token-estimator.js')).href,
  'No build found: npm run build',
)
if (estimator !== undefined) {
  measureCost(estimator.estimateTokens)
  const tokenizer = await load(
    'gpt-tokenizer/encoding/o200k_base',
    'No comparison without the vocabulary: npm install --no-save gpt-tokenizer',
  )
  if (tokenizer !== undefined) {
    const rows = Object.entries(samples()).map(([name, list]) =>
      compare(name, list, estimator.estimateTokens, tokenizer.encode),
    )
    console.table(rows)
  }
}
