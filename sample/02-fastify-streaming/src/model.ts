import { setTimeout as pause } from 'node:timers/promises'
import { Injectable } from '@nestjs/common'
import type { SessionContext } from 'nestjs-agent-memory'

const PAUSE_MS = 20

/** Stands in for a language model: it tells what it can see of the conversation, and takes its time over each word. */
@Injectable()
export class Model {
  async *answer(context: SessionContext, message: string): AsyncGenerator<string> {
    const heard = context.toPrompt('openai').flatMap(({ role, content }) => (role === 'user' ? [content] : []))
    const said = [...heard, message].map((content) => JSON.stringify(content))
    for (const token of `So far you said: ${said.join(', ')}.`.split(/(?<= )/u)) {
      yield token
      await pause(PAUSE_MS)
    }
  }
}
