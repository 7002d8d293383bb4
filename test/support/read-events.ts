/** An event of a stream of Server-Sent Events. */
export interface SentEvent {
  /** `message` for one that has no name. */
  readonly event: string
  readonly data: string
}

const parse = (block: string): SentEvent | undefined => {
  const lines = block.split('\n')
  const values = (field: string): string[] =>
    lines.filter((line) => line.startsWith(`${field}: `)).map((line) => line.slice(field.length + 2))
  const data = values('data')
  return data.length === 0 ? undefined : { event: values('event')[0] ?? 'message', data: data.join('\n') }
}

/** The events of a response, as they come. Who leaves before the end hangs up. */
export async function* readEvents({ body }: Response): AsyncGenerator<SentEvent> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of body ?? []) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const event = parse(block)
      if (event !== undefined) yield event
    }
  }
}
