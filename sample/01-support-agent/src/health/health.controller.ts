import { Controller, Get } from '@nestjs/common'
import { HealthCheck, HealthCheckService } from '@nestjs/terminus'
import { AgentMemoryHealthIndicator } from 'nestjs-agent-memory'

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly memory: AgentMemoryHealthIndicator,
  ) {}

  /** For people and dashboards: 200 with what is known of the memory, or 503 when it takes no writes. */
  @Get()
  @HealthCheck()
  check() {
    return this.health.check([() => this.memory.isHealthy()])
  }

  /** For the load balancer: 503 while requests would fail. */
  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.memory.isReady('memory', { timeout: '800ms' })])
  }

  /** For whoever restarts the process: 200 as long as it answers, also while Redis is away. */
  @Get('live')
  @HealthCheck()
  live() {
    return this.health.check([() => this.memory.isAlive()])
  }
}
