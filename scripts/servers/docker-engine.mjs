import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { setting } from './settings.mjs'

const ENGINE_TIMEOUT_MS = 5_000
const PULL_TIMEOUT_MS = 120_000

/** Where the Docker engine listens: DOCKER_HOST or the usual socket; undefined when there is nothing to ask. */
const engineAddress = () => {
  const host = setting('DOCKER_HOST') ?? 'unix:///var/run/docker.sock'
  if (!URL.canParse(host)) return undefined
  const url = new URL(host)
  if (url.protocol === 'unix:') return existsSync(url.pathname) ? { socketPath: url.pathname } : undefined
  // An engine behind TLS or ssh is left to Testcontainers.
  return url.protocol === 'tcp:' ? { host: url.hostname, port: url.port || 2375 } : undefined
}

/** The status of one request to the Docker engine, after the whole answer has come; undefined when none came. */
const askEngine = (method, path, timeout) => {
  const address = engineAddress()
  if (address === undefined) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const asking = request({ ...address, method, path, signal: AbortSignal.timeout(timeout) }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
      response.on('error', () => resolve(undefined))
    })
    asking.on('error', () => resolve(undefined))
    asking.end()
  })
}

export const engineAnswers = async () => (await askEngine('GET', '/_ping', ENGINE_TIMEOUT_MS)) === 200

export const engineHasImage = async (image) =>
  (await askEngine('GET', `/images/${encodeURIComponent(image)}/json`, ENGINE_TIMEOUT_MS)) === 200

/** Whether it could be pulled. */
export const enginePulls = async (image) => {
  await askEngine('POST', `/images/create?fromImage=${encodeURIComponent(image)}`, PULL_TIMEOUT_MS)
  return await engineHasImage(image)
}
