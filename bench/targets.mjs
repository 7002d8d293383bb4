/**
 * What is measured: the limit, this module as it is configured for some rows, and what would be picked instead. Each has a process
 * and a database of its own, on the same server. What is written by hand needs no packages of peers.
 */
export const TARGETS = [
  { name: 'raw', kind: 'limit', module: './limit/raw.mjs', title: 'raw loop: our commands in one write, our decode' },
  { name: 'evalsha', kind: 'limit', module: './limit/evalsha.mjs', title: 'bare ioredis, EVALSHA of our script' },
  { name: 'set', kind: 'limit', module: './limit/set.mjs', title: 'bare ioredis, SET of the same bytes' },
  {
    name: 'set-pipelined',
    kind: 'limit',
    module: './limit/set-pipelined.mjs',
    title: 'ioredis with auto-pipelining, SET of the same bytes',
  },
  { name: 'ours', kind: 'ours', module: './ours/plain.mjs', title: 'nestjs-agent-memory' },
  { name: 'encrypted', kind: 'ours', module: './ours/encrypted.mjs', title: 'nestjs-agent-memory, encrypted' },
  { name: 'journal', kind: 'ours', module: './ours/journal.mjs', title: 'nestjs-agent-memory, with a journal' },
  { name: 'tracing', kind: 'ours', module: './ours/tracing.mjs', title: 'nestjs-agent-memory, traced, no exporter' },
  {
    name: 'cluster',
    kind: 'ours',
    module: './ours/cluster.mjs',
    title: 'nestjs-agent-memory, Cluster',
    onCluster: true,
  },
  {
    name: 'naive',
    kind: 'peer',
    module: './peers/naive.mjs',
    title: 'GET + SETEX of one JSON text',
    isHandWritten: true,
  },
  { name: 'langchain', kind: 'peer', module: './peers/langchain.mjs', title: 'LangChain RedisChatMessageHistory' },
  { name: 'cache-manager', kind: 'peer', module: './peers/cache-manager.mjs', title: 'cache-manager + @keyv/redis' },
  { name: 'connect-redis', kind: 'peer', module: './peers/connect-redis.mjs', title: 'connect-redis' },
  { name: 'chat-sdk', kind: 'peer', module: './peers/chat-sdk.mjs', title: '@chat-adapter/state-ioredis' },
  { name: 'langgraph', kind: 'peer', module: './peers/langgraph.mjs', title: 'LangGraph RedisSaver, shallow, shimmed' },
  { name: 'ai-sdk-tools', kind: 'peer', module: './peers/ai-sdk-tools.mjs', title: '@ai-sdk-tools/memory' },
  { name: 'mastra', kind: 'peer', module: './peers/mastra.mjs', title: '@mastra/redis' },
]

export const targetNamed = (name) => TARGETS.find((target) => target.name === name)
