export { describeWithRedis, type DescribeWithRedisOptions } from './describe-with-redis.js'
export { expectNoImmortalKeys, type NoImmortalKeysOptions } from './expect-no-immortal-keys.js'
export type { Finding, FindingKind } from './history-checker/finding.interface.js'
export type {
  AssignCall,
  Entry,
  HistoryCheckerOptions,
  ReadCall,
  SessionContent,
  WriteCall,
} from './history-checker/history-checker.interface.js'
export { HistoryChecker } from './history-checker/history-checker.js'
export type { HistoryReport } from './history-checker/history-report.js'
export { HungCallError } from './history-checker/settle-within.js'
export { FaultProxy, type FaultProxyOptions, type ProxyTarget, type ProxyTargets } from './fault-proxy/fault-proxy.js'
export type { Direction } from './fault-proxy/fault-plan.js'
export type { InjectedFaults } from './fault-proxy/injected-faults.interface.js'
export type { FaultAction, FaultTrigger, ScriptedFault } from './fault-proxy/scripted-fault.js'
export type { AclUser, AclUserOptions } from './real-redis/controls/acl.js'
export type { EvictionPolicy, FilledServer, FillOptions } from './real-redis/controls/fill.js'
export type { ReadOnlyOptions } from './real-redis/controls/read-only.js'
export type { ServerFault } from './real-redis/controls/server-fault.interface.js'
export { isRedisAvailable } from './real-redis/is-redis-available.js'
export type { RealRedisBackend, RealRedisOptions, RealRedisVersion } from './real-redis/real-redis-options.interface.js'
export { RealRedis } from './real-redis/real-redis.js'
export type { RealRedisTls, RealRedisTlsOptions, ServerCertificate } from './real-redis/tls/tls-options.interface.js'
export type { ClusterNode } from './real-redis-cluster/cluster-node.interface.js'
export type { NodeFault } from './real-redis-cluster/node-fault.interface.js'
export type { RealRedisClusterOptions } from './real-redis-cluster/real-redis-cluster-options.interface.js'
export { RealRedisCluster } from './real-redis-cluster/real-redis-cluster.js'
export type { Resharding, ReshardOptions } from './real-redis-cluster/resharding.interface.js'
export type { RealRedisSentinelOptions } from './real-redis-sentinel/real-redis-sentinel-options.interface.js'
export { RealRedisSentinel } from './real-redis-sentinel/real-redis-sentinel.js'
export type { MasterFault, WatchedServer } from './real-redis-sentinel/watched-server.interface.js'
export type { ReachableRedis, ServerAddress } from './topology/reachable-redis.interface.js'
export type { TestRedis } from './topology/test-redis.interface.js'
export type { Topology } from './topology/topology.js'
export type { TestRunner } from './runner/test-runner.interface.js'
export { useTestRunner } from './runner/use-test-runner.js'
export { createMemoryTestingModule } from './testing-module/create-memory-testing-module.js'
export type {
  MemoryTestingModule,
  MemoryTestingModuleOptions,
} from './testing-module/memory-testing-module.interface.js'
