import { valueKind } from '../../errors/value-kind.js'
import type { NamedTypeDefinition } from '../../options/serialization/type-definition.js'
import { DecodeError, EncodeError } from '../codec.errors.js'
import { plainForm } from './plain-form.js'
import type { RegisteredType } from './registered-type.interface.js'
import type { Strategy } from './strategy.interface.js'

/** A registered class with its versions. Whatever the application's functions throw, only its kind is said. */
export class VersionedType implements RegisteredType {
  readonly type: RegisteredType['type']
  readonly name: string
  readonly version: number
  readonly toJson: RegisteredType['toJson']

  constructor(
    private readonly definition: NamedTypeDefinition,
    private readonly strategy: Strategy,
  ) {
    this.type = definition.type
    this.name = definition.name
    this.version = definition.version ?? 1
    this.toJson = plainForm(definition, strategy)
  }

  /** @throws EncodeError */
  serialize(value: object): unknown {
    try {
      return this.strategy.serialize(value)
    } catch (error) {
      if (error instanceof EncodeError) throw error
      const given = `an instance of ${this.name} that cannot be serialized (${valueKind(error)} was thrown)`
      throw new EncodeError([], given, 'one that can be')
    }
  }

  deserialize(data: unknown, version: number): object {
    const current = this.attempt('migrated', () => this.migrated(data, version))
    const value = this.attempt('deserialized', () => this.strategy.deserialize(current))
    if (this.isInstance(value)) return value
    throw new DecodeError(`type ${this.name}: ${valueKind(value)} came out of deserialize instead of an instance`)
  }

  private isInstance(value: unknown): value is object {
    return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === this.type.prototype
  }

  private migrated(data: unknown, version: number): unknown {
    const { definition } = this
    const known = `this application has version ${this.version}`
    if (version === this.version) return data
    if (!Number.isSafeInteger(version) || version < 1)
      throw new DecodeError('a version that is no whole number above 0')
    if (version > this.version) throw new DecodeError(`version ${version}, which is newer: ${known}`)
    if (definition.migrate === undefined) throw new DecodeError(`version ${version} without a migration: ${known}`)
    return definition.migrate(data as never, version)
  }

  private attempt(what: string, run: () => unknown): unknown {
    try {
      return run()
    } catch (error) {
      const why = error instanceof DecodeError ? error.reason : `cannot be ${what} (${valueKind(error)} was thrown)`
      throw new DecodeError(`type ${this.name}: ${why}`)
    }
  }
}
