import { LanguageModel, type ModelRequest } from './language-model.js'
import { ModelError } from './model.error.js'
import { readServerSentData } from './read-server-sent-data.js'

export interface OpenAiCompatibleOptions {
  /** As `https://host/v1`. */
  readonly baseUrl: string
  readonly apiKey?: string
  readonly model: string
  /** How long a whole answer may take, in milliseconds. @default 60_000 */
  readonly timeout?: number
}

interface CompletionChunk {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null }
    readonly finish_reason?: string | null
  }[]
  readonly error?: unknown
}

/** Any endpoint that speaks OpenAI's chat completions, hosted or on your own machine. */
export class OpenAiCompatibleModel extends LanguageModel {
  constructor(private readonly options: OpenAiCompatibleOptions) {
    super()
  }

  async *stream({ context, signal }: ModelRequest): AsyncGenerator<string> {
    const timeout = AbortSignal.timeout(this.options.timeout ?? 60_000)
    try {
      const body = await this.#request(context, signal === undefined ? timeout : AbortSignal.any([timeout, signal]))
      yield* readAnswer(body)
    } catch (error) {
      if (error instanceof ModelError) throw error
      throw new ModelError('The language model could not be reached, or broke off', error)
    }
  }

  async #request(context: ModelRequest['context'], signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { baseUrl, apiKey, model } = this.options
    const response = await fetch(`${baseUrl.replace(/\/+$/u, '')}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(apiKey === undefined || apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify({ model, messages: context.toPrompt('openai'), stream: true }),
      signal,
    })
    if (response.ok && response.body !== null) return response.body
    await response.body?.cancel()
    throw new ModelError(`The language model answered with status ${response.status}`)
  }
}

/** @throws ModelError when the stream ends before the answer does: half an answer must not be remembered as one */
async function* readAnswer(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let finished = false
  for await (const data of readServerSentData(body)) {
    if (data === '[DONE]') return
    const { choices = [], error }: CompletionChunk = JSON.parse(data)
    if (error !== undefined) throw new ModelError('The language model reported an error')
    const [choice] = choices
    if (typeof choice?.delta?.content === 'string' && choice.delta.content !== '') yield choice.delta.content
    if (typeof choice?.finish_reason === 'string') finished = true
  }
  if (!finished) throw new ModelError('The language model broke off within its answer')
}
