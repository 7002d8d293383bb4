import type { Problem } from '../../errors/problem.js'
import { valueKind } from '../../errors/value-kind.js'
import { givenOption } from '../given.js'
import { nameProblems } from '../name-problems.js'
import { TYPE_NAMES } from '../option-names.js'
import { TypeDefinitionSchema } from '../schemas/type-definition.schema.js'
import { valueProblems } from '../value-problems.js'
import { builtInName, exoticParent, isClass } from './is-class.js'
import { definitionOf } from './type-definition.js'

type Definition = Readonly<Record<string, unknown>>

const FORMS =
  'a class, or a definition { type, name?, version?, serialize?, deserialize?, migrate?, transform?, toJson? }'
const CHECKED_BY_SCHEMA = TYPE_NAMES.known.filter((name) => name !== 'type')
const BOTH = 'both serialize and deserialize, or neither'
/** Built-in classes whose instances are always kept exactly, so that no definition of theirs would ever be asked. */
const KEPT =
  /^(?:Object|Array|Function|Boolean|Number|String|Symbol|BigInt|Date|Map|Set|RegExp|URL|Buffer|ArrayBuffer|SharedArrayBuffer|DataView|\w*Array|\w*Error)$/

const classProblem = ({ type, serialize }: Definition): Pick<Problem, 'given' | 'allowed'> | undefined => {
  if (!isClass(type)) return { given: valueKind(type), allowed: 'a class' }
  const builtIn = builtInName(type)
  if (builtIn !== undefined && KEPT.test(builtIn)) {
    return {
      given: `the built-in ${builtIn}`,
      allowed: 'a class of the application or of a library: built-in ones need no mention',
    }
  }
  const exotic = builtIn ?? exoticParent(type)
  return exotic === undefined || serialize !== undefined
    ? undefined
    : {
        given: builtIn === undefined ? `a class that extends ${exotic}` : `the built-in ${exotic}`,
        allowed:
          'a class whose instances hold all they are in properties of their own; this one needs serialize and deserialize',
      }
}

/** Options of one definition that contradict each other. */
const pairProblems = (path: string, { serialize, deserialize, transform }: Definition): Problem[] => {
  const missing = (name: string): Problem => ({ path: `${path}.${name}`, given: 'nothing', allowed: BOTH })
  return [
    ...(serialize !== undefined && deserialize === undefined ? [missing('deserialize')] : []),
    ...(serialize === undefined && deserialize !== undefined ? [missing('serialize')] : []),
    ...(transform !== undefined && (serialize !== undefined || deserialize !== undefined)
      ? [
          {
            path: `${path}.transform`,
            given: givenOption(transform),
            allowed: 'nothing beside serialize and deserialize',
          },
        ]
      : []),
  ]
}

const definitionProblems = (path: string, definition: Definition): Problem[] => {
  const wrongClass = classProblem(definition)
  return [
    ...nameProblems(path, definition, TYPE_NAMES),
    ...(wrongClass === undefined ? [] : [{ path: `${path}.type`, ...wrongClass }]),
    // Without a class there is no name to fall back on, and one problem is enough.
    ...valueProblems(path, definition, CHECKED_BY_SCHEMA, TypeDefinitionSchema).filter(
      (problem) => isClass(definition.type) || definition.name !== undefined || problem.path !== `${path}.name`,
    ),
    ...pairProblems(path, definition),
  ]
}

/** An instance is known by its prototype, which two classes may share, as the clones of Decimal do. */
const identityOf = (value: unknown): unknown => (isClass(value) ? value.prototype : value)

/** What the second of two types has in common with the first. */
const doubleProblems = (paths: readonly string[], definitions: readonly (Definition | undefined)[]): Problem[] =>
  definitions.flatMap((definition, index) =>
    ['type', 'name'].flatMap((key) => {
      const value = definition?.[key]
      const first = definitions.findIndex(
        (other) => other !== undefined && identityOf(other[key]) === identityOf(value),
      )
      if (value === undefined || first === index || first < 0) return []
      if (key === 'name' && identityOf(definitions[first]?.type) === identityOf(definition?.type)) return []
      const allowed = `a ${key === 'type' ? 'class' : 'name'} that no other type has; ${paths[first]!} has it as well`
      return [{ path: `${paths[index]!}.${key}`, given: givenOption(value), allowed }]
    }),
  )

/** What is wrong with `serialization.types`. No constructor and no function of a definition is called. */
export function typeProblems(types: unknown): Problem[] {
  if (types === undefined) return []
  if (!Array.isArray(types)) {
    return [{ path: 'serialization.types', given: givenOption(types), allowed: `an array of types, each ${FORMS}` }]
  }
  const options: readonly unknown[] = Array.from(types)
  const paths = options.map((_option, index) => `serialization.types[${index}]`)
  const definitions = options.map(definitionOf)
  return [
    ...definitions.flatMap((definition, index) =>
      definition === undefined
        ? [{ path: paths[index]!, given: valueKind(options[index]), allowed: FORMS }]
        : definitionProblems(paths[index]!, definition),
    ),
    ...doubleProblems(paths, definitions),
  ]
}
