import { Module } from '@nestjs/common'
import { ModelModule } from '../model/model.module.js'
import { AgentController } from './agent.controller.js'
import { AgentService } from './agent.service.js'

@Module({ imports: [ModelModule], controllers: [AgentController], providers: [AgentService] })
export class AgentModule {}
