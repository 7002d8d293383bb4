// `npm start`: runs the sample until Ctrl-C, on REDIS_URL if that is set, else on a Redis of its own.

import { RealRedis } from 'nestjs-agent-memory/testing'
import { startSample } from './sample-app.mjs'

// With listeners that stay: a package that also listens for signals ends the process when it finds itself alone.
const stopped = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, resolve)
})

const given = process.env.REDIS_URL
const redis = given ? undefined : await RealRedis.start()
try {
  const app = await startSample({ redisUrl: given || redis.url, port: Number(process.env.PORT ?? 3000), echo: true })
  try {
    console.log(`
The support agent runs at ${app.url}, on ${given ? 'the Redis of REDIS_URL' : 'a Redis of its own, which is gone with it'}. Try:

  curl -s ${app.url}/agents/chat-1/messages -H 'content-type: application/json' \\
    -d '{"content":"My name is Ada. I need a room from 10 March 2031 until 14 March 2031."}'
  curl -s ${app.url}/agents/chat-1/messages -H 'content-type: application/json' -d '{"content":"What is my name?"}'
  curl -sN ${app.url}/agents/chat-1/messages -H 'content-type: application/json' -H 'accept: text/event-stream' \\
    -d '{"content":"When is my booking?"}'
  curl -s '${app.url}/agents/chat-1/messages?last=2'
  curl -s '${app.url}/agents/chat-1/context?maxTokens=200'
  curl -s ${app.url}/agents/chat-1/state
  curl -s ${app.url}/health
  curl -s -X DELETE ${app.url}/agents/chat-1

Ctrl-C ends it.
`)
    await Promise.race([stopped, app.exited])
  } finally {
    await app.stop()
  }
} finally {
  await redis?.stop()
}
