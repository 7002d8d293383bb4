import { describe, expect, it } from '@jest/globals'
import { Type } from 'class-transformer'
import { IsInstance, IsOptional, IsString, ValidateNested } from 'class-validator'
import { Decimal } from 'decimal.js'
import { MemoryValidationPipe } from '../../../lib/nest/exact/memory-validation.pipe.js'
import { ValueCodec } from '../../../lib/serialization/codec/value-codec.js'
import { createEnvelope } from '../../../lib/serialization/envelope/create-envelope.js'
import { Serialization } from '../../../lib/serialization/serialization.js'
import { createTypes } from '../../../lib/serialization/types/create-types.js'

class Line {
  @IsString() readonly item!: string
}

class Report {
  @IsOptional() @IsInstance(Error) readonly error?: Error
  @IsOptional() @IsInstance(Map) readonly map?: Map<string, unknown>
  @IsOptional() @IsInstance(Uint8Array) readonly bytes?: Uint8Array
  @IsOptional() @IsInstance(Decimal) readonly price?: Decimal
  @IsOptional() @Type(() => String) @IsString() readonly text?: string
  @IsOptional() @ValidateNested() @Type(() => Line) readonly line?: Line
  unset?: string
}

const types = createTypes([Decimal])
const serialization = new Serialization(types, new ValueCodec(types), createEnvelope({}))
const pipe = new MemoryValidationPipe(serialization, { transform: true })
const validated = (value: unknown, metatype: unknown = Report): Promise<unknown> =>
  pipe.transform(value, { type: 'body', metatype: metatype as typeof Report })

describe('exact values in a MemoryValidationPipe', () => {
  it.each<[string, object]>([
    ['error', new TypeError('no')],
    ['map', new Map([['a', new Map()]])],
    ['bytes', Uint8Array.of(1)],
    ['price', new Decimal('0.1')],
  ])('are handed on as they are: %s', async (name, value) => {
    expect(Reflect.get((await validated({ [name]: value })) as object, name)).toBe(value)
  })

  it('may be the whole body', async () => {
    const price = new Decimal('0.1')
    expect(await validated(price, Decimal)).toBe(price)
  })

  it('are made a text where @Type names that, and no object of a class for what they hold', async () => {
    expect(await validated({ text: new Decimal('0.10') })).toEqual(Object.assign(new Report(), { text: '0.1' }))
    const line = Object.assign(Uint8Array.of(1), { item: 'tea' })
    await expect(validated({ line })).rejects.toMatchObject({ response: { message: ['line.item must be a string'] } })
  })

  it('are made Maps and Sets of the class that @Type names', async () => {
    class Lines {
      @ValidateNested() @Type(() => Line) readonly byName!: Map<string, Line>
      @ValidateNested() @Type(() => Line) readonly all!: Set<Line>
    }
    const made = Object.assign(new Line(), { item: 'tea' })
    const given = { byName: new Map([['a', { item: 'tea' }]]), all: new Set([{ item: 'tea' }]) }
    const lines = Object.assign(new Lines(), { byName: new Map([['a', made]]), all: new Set([made]) })
    expect(await validated(given, Lines)).toStrictEqual(lines)
    const wrong = { byName: new Map([['a', { item: 1 }]]), all: new Set([{ item: 1 }]) }
    await expect(validated(wrong, Lines)).rejects.toThrow('Bad Request')
  })

  it('come to an end', async () => {
    const line: Record<string, unknown> = { item: 'tea' }
    expect(await validated({ line, more: [line, line] })).toMatchObject({ more: [line, line] })
    line['self'] = { line }
    await expect(validated({ line })).rejects.toThrow('The body holds an object that holds itself')
  })
})
