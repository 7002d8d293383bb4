// Opens a journal where classic-level is not installed. Answers with the error.
import { register } from 'node:module'

const hooks = `export const resolve = (specifier, context, next) => {
  if (specifier === 'classic-level') throw Object.assign(new Error('not installed'), { code: 'ERR_MODULE_NOT_FOUND' })
  return next(specifier, context)
}`
register(`data:text/javascript,${encodeURIComponent(hooks)}`)

await import('./journal-opener.js')
