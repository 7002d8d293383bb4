import { DecodeError } from '../codec.errors.js'
import type { Codec, EncodedObject } from '../codec.interface.js'
import type { Types } from '../types/registered-type.interface.js'
import { KeyTexts } from './json-text.js'
import { requireDepth } from './nesting.js'
import { isPlainObject } from './plain-object.js'
import { asRefusal } from './refuse.js'
import { Reviver } from './reviver.js'
import { MARKER, REFERENCE } from './tag.js'
import { TextWriter } from './text-writer.js'

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new DecodeError('not JSON')
  }
}

/** Whatever a value throws while it is read becomes a refusal. */
const refusing = <Result>(write: () => Result): Result => {
  try {
    return write()
  } catch (error) {
    throw asRefusal(error)
  }
}

/** Without the comma before the key and the colon behind it. */
const memberBytes = ([key, item]: readonly [string, string]): readonly [number, number] => {
  const keyBytes = Buffer.byteLength(key)
  return [keyBytes - 2, keyBytes - 1 + Buffer.byteLength(item)]
}

/**
 * JSON, plus tags for what JSON has no word for: `~{"at":{"$date":"2031-03-10T00:00:00.000Z"}}`. What comes back is what
 * went in: prototypes, order of keys, holes, shared and cyclic references. What would not come back so is refused.
 *
 * A getter is read once and comes back as data; that an object is frozen or sealed is not kept.
 */
export class ValueCodec implements Codec {
  private readonly keyTexts = new KeyTexts()

  constructor(private readonly types: Types) {}

  encode(value: unknown): string {
    const writer = new TextWriter(this.types, this.keyTexts)
    const text = refusing(() => writer.text(value))
    return writer.rich ? MARKER + text : text
  }

  encodeMembers(value: unknown): EncodedObject | undefined {
    return refusing(() => {
      if (!isPlainObject(value)) return undefined
      const writer = new TextWriter(this.types, this.keyTexts)
      const members = writer.members(value)
      const text = `{${members
        .map(([key, item]) => key + item)
        .join('')
        .slice(1)}}`
      return {
        text: writer.rich ? MARKER + text : text,
        memberBytes: writer.shared ? undefined : members.map(memberBytes),
      }
    })
  }

  canonical(value: unknown): string {
    const writer = new TextWriter(this.types, this.keyTexts, true)
    return refusing(() => writer.text(value))
  }

  decode(text: string): unknown {
    if (text.startsWith(MARKER)) {
      const json = text.slice(MARKER.length)
      return new Reviver(this.types, json.includes(REFERENCE)).revive(parse(json))
    }
    const value = parse(text)
    requireDepth(text, value)
    return value
  }
}
