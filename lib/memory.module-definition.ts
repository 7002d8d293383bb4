import { ConfigurableModuleBuilder } from '@nestjs/common'
import type { MemoryModuleExtras } from './options/memory-module-extras.interface.js'
import type { MemoryModuleOptions } from './options/memory-options.interface.js'

/** The core is always global; `isGlobal` is an extra so that it does not become one of the options. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<MemoryModuleOptions>({ moduleName: 'AgentMemory' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createMemoryOptions')
    .setExtras<MemoryModuleExtras>({ isGlobal: false }, (definition) => ({ ...definition, global: true }))
    .build()
