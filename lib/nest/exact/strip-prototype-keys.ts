const KEYS = ['__proto__', 'prototype', 'constructor']

/**
 * Removes keys by which a body could change prototypes, as a ValidationPipe does, but from no exact value: `constructor` is
 * an own property of every Decimal.
 */
export function stripPrototypeKeys(value: unknown, isExact: (value: unknown) => boolean): void {
  const seen = new Set<unknown>()
  const left = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next !== 'object' || next === null || seen.has(next) || isExact(next)) continue
    seen.add(next)
    if (!Array.isArray(next)) for (const key of KEYS) Reflect.deleteProperty(next, key)
    for (const member of Object.values(next)) left.push(member)
  }
}
