/** Whether a value can be read as named options: a plain object or an instance of a class, but no array, Map or Date. */
export const isOptionsObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  Object.prototype.toString.call(value) === '[object Object]'
