const ANNOUNCED_VARIABLE = 'AGENT_MEMORY_TEST_ANNOUNCED'

/**
 * Prints what there is to say on a topic once in a test run. The environment keeps which topics those were, because it
 * is what the processes of a run have in common: workers inherit it.
 */
export const announceOnce = (topic: string, line: string): void => {
  const announced = process.env[ANNOUNCED_VARIABLE]?.split(',') ?? []
  if (announced.includes(topic)) return
  process.env[ANNOUNCED_VARIABLE] = [...announced, topic].join(',')
  process.stderr.write(`nestjs-agent-memory/testing: ${line}\n`)
}
