export { AppendMessageDto } from './append-message.dto.js'
export { ContextQueryDto } from './context-query.dto.js'
export { ListMessagesDto } from './list-messages.dto.js'
export { MemoryController } from './memory.controller.js'
