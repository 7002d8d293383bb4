// `npm run demo`: a conversation with the sample over HTTP, on a real Redis, in which the application and its connections
// are taken away. Exits with 0 when everything is remembered, and 1 when anything is not.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { RealRedis } from 'nestjs-agent-memory/testing'
import { startSample } from './sample-app.mjs'

const SESSION = `demo-${randomUUID()}`
/** What the application's connections are called, so that the demo finds them among those of others. */
const CONNECTION = SESSION
const TURN_TIMEOUT_MS = 15_000
const KILLS = 10

/** What was said and answered, as the customer saw it: what Redis must hold in the end. */
const transcript = []
let failed = 0
let checked = 0

const heading = (text) => console.log(`\n${text}\n`)
const line = (who, text) => console.log(`  ${who.padEnd(9)} ${text}`)

const check = (remembered, what) => {
  checked += 1
  if (!remembered) failed += 1
  line('', `${remembered ? '✓' : '✗ NOT'} ${what}`)
}

/** Sends a message until there is an answer, each time with the same key, as any client should. */
const send = async (app, content, key) => {
  const deadline = performance.now() + TURN_TIMEOUT_MS
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(`${app.url}/agents/${SESSION}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ content }),
      signal: AbortSignal.timeout(TURN_TIMEOUT_MS),
    })
    const body = await response.json()
    if (response.ok) return { ...body, attempt }
    if (!body.retryable || performance.now() > deadline)
      throw new Error(`${response.status}: ${body.detail ?? body.message}`)
    line('', `(${response.status} ${body.code}: sent again with the same idempotency key)`)
    await sleep(100)
  }
}

/** One turn of the conversation; `meanwhile` runs as soon as the message is on its way. */
const say = async (app, content, { key = randomUUID(), meanwhile } = {}) => {
  line('customer', content)
  const [turn] = await Promise.all([send(app, content, key), meanwhile?.()])
  const reply = turn.reply.content
  line('agent', reply)
  transcript.push({ role: 'user', content }, { role: 'assistant', content: reply })
  return turn
}

const ask = async (app, question, expected, what) => {
  const { reply } = await say(app, question)
  check(reply.content.includes(expected), what)
}

const get = async (app, path) => {
  const response = await fetch(`${app.url}/agents/${SESSION}/${path}`, { signal: AbortSignal.timeout(TURN_TIMEOUT_MS) })
  return await response.json()
}

const start = (redis) => {
  const url = new URL(redis.url)
  url.searchParams.set('connectionName', CONNECTION)
  return startSample({ redisUrl: url.href, env: { OPENAI_BASE_URL: '' } })
}

const restart = async (app, redis) => {
  const inTime = await app.stop()
  const next = await start(redis)
  console.log(`  The application, process ${app.pid}, was stopped; process ${next.pid} took its place.\n`)
  check(inTime, 'stopped by itself, with nothing hanging')
  return next
}

/** Cuts the connections of the application, again and again, while a turn is on its way; nobody else's. */
const cutConnections = async (admin) => {
  let cut = 0
  for (let kill = 0; kill < KILLS; kill += 1) {
    const clients = (await admin.client('LIST', 'TYPE', 'normal')).split('\n')
    for (const client of clients.filter((each) => each.includes(` name=${CONNECTION} `))) {
      cut += Number(await admin.client('KILL', 'ID', /^id=(\d+)/u.exec(client)[1]))
    }
    await sleep(5)
  }
  line('', `(${cut} connections cut by CLIENT KILL)`)
  return cut
}

const compare = async (app) => {
  const { messages } = await get(app, 'messages')
  check(
    messages.length === transcript.length,
    `${transcript.length} messages were said and answered, ${messages.length} are stored`,
  )
  const same = transcript.every(({ role, content }, index) => {
    const message = messages[index]
    return message?.role === role && message.content === content && message.seq === index + 1
  })
  check(same, 'each one word for word, in its order, numbered without a gap')
  return messages.length
}

const converse = async (redis, admin, use) => {
  let app = use(await start(redis))

  heading('1. A conversation')
  await ask(app, 'Hello! What is my name?', 'I do not know', 'nothing is remembered yet: the agent makes nothing up')
  await say(app, 'My name is Ada, and my number is +1 555 0142.')
  await say(app, 'I need a room from 10 March 2031 until 14 March 2031.')
  await ask(app, 'What is my name?', 'Ada', 'the name')

  heading('2. The application is stopped and started')
  app = use(await restart(app, redis))
  await ask(app, 'What is my name?', 'Ada', 'the name')
  await ask(app, 'What is my phone number?', '+1 555 0142', 'the phone number')
  await ask(
    app,
    'When is my booking?',
    'from Mon, 10 Mar 2031 until Fri, 14 Mar 2031',
    'the dates, as dates: their weekdays are right',
  )
  await ask(app, 'What did I say first?', 'Hello! What is my name?', 'the first message')

  heading('3. The connections to Redis are cut in the middle of a turn')
  let cut = 0
  await say(app, 'Please make it until 16 March 2031.', {
    meanwhile: async () => {
      cut = await cutConnections(admin)
    },
  })
  check(cut > 0, 'the connections were really cut')
  await ask(
    app,
    'When is my booking?',
    'from Mon, 10 Mar 2031 until Sun, 16 Mar 2031',
    'the new end, beside the old start',
  )

  heading('4. A message is sent twice: its answer was lost on the way')
  const key = randomUUID()
  const first = await say(app, 'A quiet room, please.', { key })
  line('customer', 'A quiet room, please.   (again, with the same idempotency key)')
  const again = await send(app, 'A quiet room, please.', key)
  line('agent', again.reply.content)
  check(
    again.duplicate && again.reply.id === first.reply.id,
    'it was answered before: the same answer, nothing stored twice',
  )

  heading('5. After one more restart, everything is compared with what was said')
  app = use(await restart(app, redis))
  await compare(app)
  const { values } = await get(app, 'state')
  check(values.name === 'Ada' && values.phone === '+1 555 0142', 'name and phone number are in the state')
  check(values.dates?.until === '2031-03-16T00:00:00.000Z', 'and so are the dates')
}

const main = async () => {
  const redis = await RealRedis.start()
  const admin = redis.client()
  let app
  try {
    console.log(`A support agent whose memory is a real ${redis.product} ${redis.version}.`)
    await converse(redis, admin, (started) => (app = started))
  } finally {
    await app?.stop()
    await redis.stop()
  }
  console.log(
    failed === 0
      ? `\nAll ${checked} checks passed: nothing was forgotten.`
      : `\n${failed} of ${checked} checks failed.`,
  )
}

// The application and the server end with this process, however it ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))

try {
  await main()
  process.exitCode = failed === 0 ? 0 : 1
} catch (error) {
  console.error(`\nThe demo broke off: ${error.stack}`)
  process.exitCode = 1
}
