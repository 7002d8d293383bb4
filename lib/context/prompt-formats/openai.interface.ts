/** @publicApi */
export interface OpenAiTextPart {
  type: 'text'
  text: string
}

/** An image by URL or data URL. @publicApi */
export interface OpenAiImagePart {
  type: 'image_url'
  image_url: { url: string }
}

/** A PDF as data URL. @publicApi */
export interface OpenAiFilePart {
  type: 'file'
  file: { filename: string; file_data: string }
}

/** @publicApi */
export interface OpenAiAudioPart {
  type: 'input_audio'
  input_audio: { data: string; format: 'wav' | 'mp3' }
}

/** @publicApi */
export type OpenAiContentPart = OpenAiTextPart | OpenAiImagePart | OpenAiFilePart | OpenAiAudioPart

/** @publicApi */
export interface OpenAiToolCall {
  id: string
  type: 'function'
  /** The arguments as JSON text. */
  function: { name: string; arguments: string }
}

/**
 * A message as the Chat Completions API of OpenAI, and what is compatible with it, takes it.
 *
 * @publicApi
 */
export type OpenAiMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: string | OpenAiContentPart[] }
  | { role: 'assistant'; content: string | null; tool_calls?: OpenAiToolCall[] }
  | { role: 'tool'; tool_call_id: string; content: string }
