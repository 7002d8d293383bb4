/** The error classes of the language, which any realm has. */
export const ERROR_KINDS = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
] as const

/** The properties that errors keep out of sight, as the language makes them. */
export const HIDDEN_PROPERTIES: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', 'errors'])
