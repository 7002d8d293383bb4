// `npm start [SAMPLE]`: runs a sample until Ctrl-C, on REDIS_URL if that is set, else on a Redis of its own. SAMPLE is the
// name of its folder, or how that begins: `npm start 02`.

import { RealRedis } from 'nestjs-agent-memory/testing'
import { sampleNames, startSample } from './sample-app.mjs'

const wanted = process.argv[2] ?? '01'
const name = sampleNames().find((each) => each.startsWith(wanted))
if (name === undefined) {
  console.error(`There is no sample ${JSON.stringify(wanted)}; there are ${sampleNames().join(', ')}.`)
  process.exit(1)
}

const supportAgent = (url) => `
  curl -s ${url}/agents/chat-1/messages -H 'content-type: application/json' \\
    -d '{"content":"My name is Ada. I need a room from 10 March 2031 until 14 March 2031."}'
  curl -s ${url}/agents/chat-1/messages -H 'content-type: application/json' -d '{"content":"What is my name?"}'
  curl -sN ${url}/agents/chat-1/messages -H 'content-type: application/json' -H 'accept: text/event-stream' \\
    -d '{"content":"When is my booking?"}'
  curl -s '${url}/agents/chat-1/messages?last=2'
  curl -s '${url}/agents/chat-1/context?maxTokens=200'
  curl -s ${url}/agents/chat-1/state
  curl -s ${url}/health
  curl -s -X DELETE ${url}/agents/chat-1`

// With listeners that stay: a package that also listens for signals ends the process when it finds itself alone.
const stopped = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, resolve)
})

const given = process.env.REDIS_URL
const redis = given ? undefined : await RealRedis.start()
try {
  const redisUrl = given || redis.url
  const app = await startSample({ name, redisUrl, port: Number(process.env.PORT ?? 3000), echo: true })
  try {
    console.log(`
The sample ${name} runs at ${app.url}, on ${given ? 'the Redis of REDIS_URL' : 'a Redis of its own, which is gone with it'}.

Look at what it keeps with: redis-cli -u ${given ? '$REDIS_URL' : redisUrl}
Say something to it, as in sample/${name}/README.md${name.startsWith('01') ? `:\n${supportAgent(app.url)}` : '.'}

Ctrl-C ends it.
`)
    await Promise.race([stopped, app.exited])
  } finally {
    await app.stop()
  }
} finally {
  await redis?.stop()
}
