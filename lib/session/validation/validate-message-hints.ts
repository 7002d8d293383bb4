import type { Problem } from '../../errors/problem.js'
import { valueKind } from '../../errors/value-kind.js'

const ROLES = "'system', 'user', 'assistant' or 'tool'"
const KEYS = 'role, content, id, createdAt, metadata, providerOptions'
const PART_TYPES = "'text', 'image', 'file', 'reasoning', 'tool-call' or 'tool-result'"

/** Names that other libraries use, and what they are called here. */
const ROLE_HINTS: ReadonlyMap<unknown, string> = new Map([
  ['developer', 'system'],
  ['human', 'user'],
  ['ai', 'assistant'],
  ['bot', 'assistant'],
  ['model', 'assistant'],
  ['function', 'tool'],
])

const KEY_HINTS: ReadonlyMap<string, string> = new Map([
  ['text', 'the text belongs into content'],
  ['message', 'the text belongs into content'],
  ['body', 'the text belongs into content'],
  ['parts', 'parts belong into content; convertToModelMessages of the AI SDK converts UI messages'],
  ['timestamp', 'the time belongs into createdAt, as a Date'],
  ['date', 'the time belongs into createdAt, as a Date'],
  ['created_at', 'the time belongs into createdAt, as a Date'],
  ['tool_calls', "tool calls are parts of content, of the type 'tool-call'"],
  ['toolCalls', "tool calls are parts of content, of the type 'tool-call'"],
  ['tool_call_id', "the result of a tool is a part of content, of the type 'tool-result'"],
  ['toolCallId', "the result of a tool is a part of content, of the type 'tool-result'"],
  ['operationId', 'it belongs into the options of append'],
  ['meta', 'further data belongs into metadata'],
  ['data', 'further data belongs into metadata'],
  ['name', 'further data belongs into metadata'],
])

const PART_TYPE_HINTS: ReadonlyMap<unknown, string> = new Map([
  ['image_url', 'image'],
  ['input_text', 'text'],
  ['output_text', 'text'],
  ['input_image', 'image'],
  ['input_file', 'file'],
  ['document', 'file'],
  ['thinking', 'reasoning'],
  ['tool_use', 'tool-call'],
  ['tool_call', 'tool-call'],
  ['tool_result', 'tool-result'],
])

const meant = (hint: string | undefined): string => (hint === undefined ? '' : `; meant: '${hint}'`)

export const unknownRoleProblem = (role: unknown, index: number): Problem => ({
  path: `messages[${index}].role`,
  given: valueKind(role),
  allowed: `${ROLES}${meant(ROLE_HINTS.get(role))}`,
})

/** A key that may come from a request's body is shown only when it looks like a name a programmer gave. */
export const unknownKeyProblem = (key: string, index: number): Problem => {
  const hint = KEY_HINTS.get(key)
  return {
    path: /^[A-Za-z_$][\w$]{0,39}$/.test(key) ? `messages[${index}].${key}` : `messages[${index}]`,
    given: 'an unknown key',
    allowed: `${KEYS}; ${hint ?? 'further data belongs into metadata'}`,
  }
}

export const unknownPartTypeProblem = (type: unknown, path: string): Problem => ({
  path: `${path}.type`,
  given: valueKind(type),
  allowed: `${PART_TYPES}${meant(PART_TYPE_HINTS.get(type))}`,
})
