import { Controller, Get } from '@nestjs/common'
import { HealthCheck, HealthCheckService } from '@nestjs/terminus'
import { AgentMemoryHealthIndicator } from 'nestjs-agent-memory'

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly memory: AgentMemoryHealthIndicator,
  ) {}

  /** 200 when the memory answers, 503 when it does not. */
  @Get()
  @HealthCheck()
  check() {
    return this.health.check([() => this.memory.isHealthy('memory')])
  }
}
