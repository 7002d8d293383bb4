// Starts a server and comes to its end without stopping it.
import { RealRedis } from '../../../../lib/testing/real-redis/real-redis.js'

const redis = await RealRedis.start({ backend: 'binary' })
const client = redis.client()
const folder = String((await client.config('GET', 'dir'))[1])
const processId = Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1])
client.disconnect()
process.stdout.write(`${JSON.stringify({ folder, processId })}\n`)
