import { DecodeError } from '../codec.errors.js'
import { stringText } from './json-text.js'
import { refuse, requireNothingBeside } from './refuse.js'
import type { RichWriter } from './rich-writer.interface.js'

export const writeUrl = (writer: RichWriter, value: object): string => {
  requireNothingBeside(value, 'URL')
  const { href } = value as URL
  if (!URL.canParse(href) || new URL(href).href !== href) refuse('a URL that is not read back as it is written')
  return writer.tag('url', stringText(href))
}

export const reviveUrl = (content: unknown): URL => {
  if (typeof content === 'string' && URL.canParse(content)) {
    const url = new URL(content)
    if (url.href === content) return url
  }
  throw new DecodeError('a URL that is none')
}
