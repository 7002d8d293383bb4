import { targetNamed } from './targets.mjs'

/**
 * Operation and target; then where: `<messages in the session>x<callers>`. Those in `quick` are measured by `--quick` as well:
 * what the verdicts need, and one of each target.
 *
 * @type {readonly [operation: string, target: string, places: string, quick?: string][]}
 */
const MATRIX = [
  ['append', 'raw', '100x1 100x64', '100x64'],
  ['append', 'evalsha', '100x64', '100x64'],
  ['append', 'set', '0x64', '0x64'],
  ['append', 'set-pipelined', '0x64', '0x64'],
  ['append', 'ours', '10x1 100x1 1000x1 10000x1 100x64 1000x64 10000x64 100x512', '100x64 1000x64'],
  ['append', 'encrypted', '100x64'],
  ['append', 'journal', '100x64'],
  ['append', 'tracing', '100x64', '100x64'],
  ['append', 'cluster', '100x64'],
  ['append', 'naive', '10x1 100x1 1000x1 10000x1 100x64 1000x64', '100x64 1000x64'],
  ['append', 'langchain', '10x1 100x1 1000x1 10000x1 100x64', '100x64'],
  ['append', 'cache-manager', '100x1 1000x1 100x64', '100x1'],
  ['append', 'connect-redis', '100x1 1000x1 100x64', '100x1'],
  ['append', 'chat-sdk', '10x1 100x1 1000x1 10000x1 100x64', '100x1'],
  ['append', 'langgraph', '10x1 100x1', '10x1'],
  ['append', 'ai-sdk-tools', '100x1 100x64', '100x1'],
  ['append', 'mastra', '10x1 100x1', '10x1'],

  ['turn', 'raw', '100x1 100x64 100x512', '100x1 100x64'],
  ['turn', 'ours', '10x1 100x1 1000x1 10000x1 10x64 100x64 1000x64 10000x64 100x512', '100x1 100x64 10000x64'],
  ['turn-awaited', 'ours', '100x1 100x64'],
  ['turn', 'encrypted', '100x1 100x64', '100x64'],
  ['turn', 'journal', '100x1 100x64', '100x64'],
  ['turn', 'tracing', '100x1 100x64'],
  ['turn', 'cluster', '100x1 100x64', '100x64'],
  ['turn', 'naive', '100x1 100x64 1000x64'],

  ['last-20', 'raw', '100x64 1000x64', '1000x64'],
  ['last-20', 'ours', '10x1 100x1 1000x1 10000x1 100x64 1000x64 10000x64 100x512', '1000x64'],
  ['last-20', 'encrypted', '100x64'],
  ['last-20', 'journal', '100x64'],
  ['last-20', 'tracing', '100x64'],
  ['last-20', 'cluster', '100x64'],
  ['last-20', 'naive', '10x1 100x1 1000x1 10000x1 1000x64', '1000x64'],
  ['last-20', 'langchain', '10x1 100x1 1000x1 10000x1 1000x64', '1000x64'],
  ['last-20', 'cache-manager', '100x1 1000x1'],
  ['last-20', 'connect-redis', '100x1 1000x1'],
  ['last-20', 'chat-sdk', '10x1 100x1 1000x1 10000x1 1000x64', '1000x64'],
  ['last-20', 'langgraph', '10x1 100x1'],
  ['last-20', 'ai-sdk-tools', '100x1'],
  ['last-20', 'mastra', '10x1 100x1'],

  ['context', 'ours', '100x1 10x64 100x64 1000x64 10000x64 100x512', '100x64'],
  ['context', 'encrypted', '100x64'],
  ['context', 'tracing', '100x64'],
  ['context', 'cluster', '100x64'],

  ['state-patch', 'ours', '100x1 100x64 10000x64 100x512', '100x64'],
  ['state-patch', 'encrypted', '100x64'],
  ['state-patch', 'journal', '100x64'],
  ['state-patch', 'tracing', '100x64'],
  ['state-patch', 'cluster', '100x64'],
]

const placesOf = (text = '') => text.split(' ').filter((place) => place !== '')

const callRows = MATRIX.flatMap(([operation, target, places, quick]) =>
  placesOf(places).map((place) => {
    const [history, callers] = place.split('x').map(Number)
    const isQuick = placesOf(quick).includes(place)
    return { name: `${operation}/${target}/${place}`, kind: 'calls', operation, target, history, callers, isQuick }
  }),
)

const HTTP_CALLERS = 64
const PLATFORMS = { fastify: 'Nest on Fastify', express: 'Nest on Express' }
const httpRows = Object.keys(PLATFORMS).flatMap((platform) =>
  ['echo', 'naive', 'turn'].map((route) => ({
    name: `http-${route}/${platform}/100x${HTTP_CALLERS}`,
    kind: 'http',
    operation: `http-${route}`,
    target: platform,
    route,
    history: 100,
    callers: HTTP_CALLERS,
    isQuick: platform === 'fastify',
  })),
)

/** Measured once, after the rounds: they do not depend on what else is fast at that moment. */
export const COSTS = ['session-bytes', 'heap', 'import-time', 'install-size', 'redis-benchmark'].map((name) => ({
  name,
  kind: 'cost',
  operation: name,
  isQuick: true,
}))

export const ROWS = [...callRows, ...httpRows, ...COSTS]

/** By a name's beginning, or by what stands anywhere between its slashes: `append`, `turn/ours`, `naive`, `append/ours/100x64`. */
export const matches = (row, wanted) =>
  wanted.some((text) => row.name === text || row.name.startsWith(`${text}/`) || row.target === text)

export const titleOf = (row) => targetNamed(row.target)?.title ?? PLATFORMS[row.target] ?? row.name
