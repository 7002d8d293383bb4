import type { RichWriter } from './rich-writer.interface.js'

/** A class of the language or of Node whose instances are kept. */
export interface BuiltIn {
  /** The name of the class. */
  readonly name: string
  readonly prototype: object
  /** Whether it was made by the class, of whatever realm; not only given its prototype. */
  readonly is: (value: object) => boolean
  write(writer: RichWriter, value: object, builtIn: BuiltIn): string
}
