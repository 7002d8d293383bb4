import { describe, expect, it } from '@jest/globals'
import { Cluster, Redis } from 'ioredis'
import { optionProblems } from '../../../lib/options/option-problems.js'

const SECRET = 'hunter2'
const problemsOf = (connection: unknown) => optionProblems({ connection })
const text = (value: string) => expect.stringContaining(value)

const lazy = { lazyConnect: true }

describe('a connection that is taken', () => {
  it.each([
    ['a URL', { url: 'redis://127.0.0.1:6379' }],
    ['a URL without a port', { url: 'redis://redis' }],
    ['a URL with credentials and a database', { url: 'redis://user:p%40ss@redis.internal:6380/3' }],
    ['a URL with a password only', { url: `rediss://:${SECRET}@redis/` }],
    ['a URL of an IPv6 address', { url: 'redis://[::1]:6379' }],
    ['a URL with options beside it', { url: 'rediss://redis', tls: {}, db: 2, username: 'a' }],
    ['host and port', { host: '127.0.0.1', port: 6379 }],
    ['a host', { host: 'redis' }],
    ['an IPv6 host', { host: '::1' }],
    ['a port', { port: 6379 }],
    ['a host and no port', { host: 'redis', port: undefined }],
    ['a Unix socket', { path: '/run/redis.sock' }],
    ['a URL, while the host is not set', { url: 'redis://redis', host: undefined }],
    ['options that ioredis may have one day', { host: 'redis', fancyNewSwitch: true }],
    ['sentinels that are none', { host: 'redis', sentinels: null }],
    ['a client', { client: new Redis(lazy) }],
    ['a Cluster client', { client: new Cluster([], lazy) }],
    [
      'a client that uses sentinels',
      { client: new Redis({ sentinels: [{ host: 'a' }], name: 'm', lazyConnect: true }) },
    ],
    ['a cluster', { cluster: { nodes: [{ host: 'a', port: 1 }, 'rediss://b'], options: { natMap: {} } } }],
    ['a master by its sentinels', { sentinel: { name: 'm', sentinels: [{ host: 'a', port: 26379 }], password: 'b' } }],
    ['sentinels among the options of ioredis', { name: 'm', sentinels: [{ host: 'a' }] }],
    ['a client, while the URL is not set', { client: new Redis(lazy), url: undefined }],
  ])('%s', (_, connection) => {
    expect(problemsOf(connection)).toEqual([])
  })
})

describe('a connection that is refused', () => {
  it.each([
    ['nothing', undefined, 'connection', 'undefined', text('exactly one of')],
    ['null', null, 'connection', 'null', text('exactly one of')],
    ['a URL as it is', `redis://:${SECRET}@redis`, 'connection', 'a string', text('write a URL as { url: … }')],
    ['a client as it is', new Redis(lazy), 'connection', 'a client', text('write a client as { client: … }')],
    ['a list', [`redis://:${SECRET}@redis`], 'connection', 'an array of 1', text('exactly one of')],
    ['no address', {}, 'connection', 'no address', text('exactly one of')],
    ['no address, but a password', { password: SECRET }, 'connection', 'no address', text('exactly one of')],
    ['a URL that is not set', { url: undefined }, 'connection.url', 'undefined', text('environment variable')],
    ['a host that is not set', { host: undefined }, 'connection.host', 'undefined', text('environment variable')],
    [
      'a host that is not set beside a port',
      { host: undefined, port: 1 },
      'connection.host',
      'undefined',
      text('set?'),
    ],
    ['URL and host', { url: 'redis://a', host: 'b' }, 'connection', 'url and host', text('exactly one of')],
    ['host and socket', { host: 'a', path: '/b' }, 'connection', 'host and path', text('exactly one of')],
    [
      'URL and client',
      { url: 'redis://a', client: new Redis(lazy) },
      'connection',
      'url and client',
      text('exactly one of'),
    ],
    [
      'client and options',
      { client: new Redis(lazy), password: SECRET },
      'connection',
      'client and other options',
      text('{ client } alone'),
    ],
    ['another scheme', { url: `http://:${SECRET}@redis` }, 'connection.url', text('does not begin'), text('redis://')],
    ['no scheme', { url: 'localhost:6379' }, 'connection.url', text('does not begin'), text('redis://')],
    ['an empty URL', { url: '' }, 'connection.url', 'an empty string', text('redis://')],
    ['a URL that is null', { url: null }, 'connection.url', 'null', text('redis://')],
    ['a URL object', { url: new URL('redis://a') }, 'connection.url', 'an instance of URL', text('redis://')],
    ['a URL without a host', { url: 'redis://' }, 'connection.url', text('without a host'), text('redis://')],
    ['a URL with a space', { url: 'redis://a ' }, 'connection.url', text('white space'), text('redis://')],
    ['a URL with a bad port', { url: 'redis://a:99999' }, 'connection.url', text('no URL'), text('redis://')],
    ['a URL with the port 0', { url: 'redis://a:0' }, 'connection.url', text('port 0'), text('redis://')],
    ['a URL with a name for a database', { url: 'redis://a/cache' }, 'connection.url', text('database'), text('/0')],
    [
      'a password that is not encoded',
      { url: `redis://:${SECRET}#1@redis` },
      'connection.url',
      expect.any(String),
      text('percent-encoded'),
    ],
    ['an empty host', { host: '' }, 'connection.host', 'an empty string', text('host name')],
    ['a URL for a host', { host: `redis://:${SECRET}@a` }, 'connection.host', 'a URL', text('write a URL as')],
    ['a host that is a number', { host: 7 }, 'connection.host', 'a number', text('host name')],
    ['a port in a string', { host: 'a', port: '6379' }, 'connection.port', 'a string', text('Number(…)')],
    ['a port out of range', { host: 'a', port: 65_536 }, 'connection.port', 'a number', text('1 to 65535')],
    ['a port that is NaN', { host: 'a', port: Number.NaN }, 'connection.port', 'NaN', text('1 to 65535')],
    ['a negative database', { host: 'a', db: -1 }, 'connection.db', 'a number', text('from 0')],
    ['an empty socket path', { path: '' }, 'connection.path', 'an empty string', text('Unix socket')],
    ['a misspelt option', { hots: 'a' }, 'connection.hots', 'a string', text('did you mean connection.host?')],
    [
      'a misspelt password',
      { host: 'a', pasword: SECRET },
      'connection.pasword',
      'a string',
      text('did you mean connection.password?'),
    ],
    ['a cluster that is text', { cluster: 'redis://a' }, 'connection.cluster', 'a string', text('nodes: [{ host')],
    ['a cluster without nodes', { cluster: {} }, 'connection.cluster.nodes', 'undefined', text('one node or more')],
    ['a cluster of no nodes', { cluster: { nodes: [] } }, 'connection.cluster.nodes', 'an empty array', text('one')],
    [
      'a node without a host',
      { cluster: { nodes: [{ host: 'a' }, { port: 1 }] } },
      'connection.cluster.nodes[1].host',
      'undefined',
      text('a host name'),
    ],
    [
      'a node with a port that is text',
      { cluster: { nodes: [{ host: 'a', port: '6379' }] } },
      'connection.cluster.nodes[0].port',
      'a string',
      text('Number(…)'),
    ],
    [
      'a node that is no URL',
      { cluster: { nodes: ['a:1'] } },
      'connection.cluster.nodes[0]',
      'a string that does not begin with redis:// or rediss://',
      text('redis://'),
    ],
    [
      'a password beside redisOptions',
      { cluster: { nodes: ['redis://a'], options: { password: SECRET } } },
      'connection.cluster.options.password',
      'an option of a node',
      text('options.redisOptions.password'),
    ],
    [
      'reads from replicas',
      { cluster: { nodes: ['redis://a'], options: { scaleReads: 'slave' } } },
      'connection.cluster.options.scaleReads',
      'a string',
      text("'master'"),
    ],
    [
      'an unknown name in a cluster',
      { cluster: { nodes: ['redis://a'], redisOptions: {} } },
      'connection.cluster.redisOptions',
      'an unknown name',
      'nodes, options',
    ],
    [
      'a cluster and a host',
      { cluster: { nodes: ['redis://a'] }, host: 'b' },
      'connection',
      'host and cluster',
      text('one of'),
    ],
    [
      'a cluster and a password',
      { cluster: { nodes: ['redis://a'] }, password: SECRET },
      'connection',
      'cluster and other options',
      text('cluster.options.redisOptions'),
    ],
    [
      'sentinels without a name',
      { sentinels: [{ host: 'a' }] },
      'connection.name',
      'undefined',
      text('the sentinels know'),
    ],
    ['a sentinel that is text', { sentinel: 'a' }, 'connection.sentinel', 'a string', text("name: 'mymaster'")],
    [
      'a master without sentinels',
      { sentinel: { name: 'm', sentinels: [] } },
      'connection.sentinel.sentinels',
      'an empty array',
      text('one sentinel or more'),
    ],
    [
      'a sentinel without a host',
      { sentinel: { name: 'm', sentinels: [{ port: 26379 }] } },
      'connection.sentinel.sentinels[0].host',
      'undefined',
      text('a host name'),
    ],
    [
      'a replica by its sentinels',
      { sentinel: { name: 'm', sentinels: [{ host: 'a' }], role: 'slave' } },
      'connection.sentinel.role',
      'a string',
      text("'master'"),
    ],
    [
      'something else for a client',
      { client: { get: () => 1 } },
      'connection.client',
      'a plain object',
      text('ioredis'),
    ],
    ['null for a client', { client: null }, 'connection.client', 'null', text('ioredis')],
    [
      'a client of another package',
      { client: { duplicate: () => null, on: () => null, isOpen: true } },
      'connection.client',
      'a plain object',
      text('ioredis'),
    ],
  ])('%s', (_, connection, path, given, allowed) => {
    const problems = problemsOf(connection)
    expect(problems).toEqual([{ path, given, allowed }])
    expect(JSON.stringify(problems)).not.toContain(SECRET)
  })
})
