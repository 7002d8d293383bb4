import { describe, expect, it } from '@jest/globals'
import { ValueCodec } from '../../../../lib/serialization/codec/value-codec.js'
import { DecodeError } from '../../../../lib/serialization/codec.errors.js'
import { someTypes } from './some-types.js'

const codec = new ValueCodec(someTypes)

const reason = (text: string): string => {
  try {
    codec.decode(text)
  } catch (error) {
    return (error as DecodeError).reason
  }
  return ''
}

describe('ValueCodec.decode', () => {
  it.each([
    '',
    '{',
    '{"a":1',
    'undefined',
    '~',
    '~{',
    '~~1',
    '"a" "b"',
    '~{"$date":"never"}',
    '~{"$date":5}',
    '~{"$date":"1970-01-01"}',
    '~{"$date":"1970-01-01T00:00:00Z"}',
    '~{"$date":"1970-01-01T00:00:00.000Z","b":1}',
    '~{"a":1,"$date":"1970-01-01T00:00:00.000Z"}',
    '~{"$unknown":1}',
    '~{"$":"null"}',
    '~{"$":1}',
    '~{"$":["undefined"]}',
    '~{"$__proto__":1}',
    '~{"$constructor":1}',
    '~{"$bigint":"01"}',
    '~{"$bigint":"-0"}',
    '~{"$bigint":"0x1"}',
    '~{"$bigint":""}',
    '~{"$bigint":" 1"}',
    '~{"$bigint":1}',
    `~{"$bigint":"${'9'.repeat(10_001)}"}`,
    `~{"$bigint":"-${'9'.repeat(10_001)}"}`,
    '~{"$map":[1]}',
    '~{"$map":{}}',
    '~{"$map":[1,2,1,3]}',
    '~{"$set":1}',
    '~{"$set":[1,1]}',
    '~{"$regexp":["(","",0]}',
    '~{"$regexp":["a","gg",0]}',
    '~{"$regexp":["a","mg",0]}',
    '~{"$regexp":["a","g"]}',
    '~{"$regexp":["a","g",0.5]}',
    '~{"$regexp":["/","",0]}',
    '~{"$regexp":"a"}',
    `~{"$regexp":["${'('.repeat(100_000)}","",0]}`,
    '~{"$url":"a"}',
    '~{"$url":"HTTP://a/"}',
    '~{"$url":1}',
    '~{"$bytes":["Buffer","aGVsbG8"]}',
    '~{"$bytes":["Buffer","a GVsbG8="]}',
    '~{"$bytes":["Buffer"]}',
    '~{"$bytes":["Float16","AAAA"]}',
    '~{"$bytes":["Float32Array","AAAA"]}',
    '~{"$bytes":["constructor",""]}',
    '~{"$bytes":[["Buffer"],""]}',
    '~{"$bytes":{"0":"Buffer","1":"","length":2}}',
    '~{"$error":["Error"]}',
    '~{"$error":["Money",[]]}',
    '~{"$error":["Error",[["a"]]]}',
    '~{"$error":["Error",[[1,1]]]}',
    '~{"$error":["Error",[["a",1],["a",1]]]}',
    '~{"$error":["Error",[["a",1,true]]]}',
    '~{"$error":["Error",[["a",1,0]]]}',
    '~{"$error":["Error",[["a",1,false,1]]]}',
    '~{"$null":[]}',
    '~{"$null":null}',
    '~{"$null":{"$date":"1970-01-01T00:00:00.000Z"}}',
    '~{"$sparse":[-1,[]]}',
    '~{"$sparse":[1.5,[]]}',
    '~{"$sparse":[1000001,[]]}',
    '~[{"$sparse":[600000,[]]},{"$sparse":[600000,[]]}]',
    '~{"$sparse":[2,[[2,1]]]}',
    '~{"$sparse":[3,[[1,1],[1,1]]]}',
    '~{"$sparse":[3,[[1,1],[0,1]]]}',
    '~{"$sparse":[3,[[1]]]}',
    '~{"$sparse":[3,{}]}',
    '~{"$sparse":[4294967295,[]]}',
    '~{"$type":["Money",2]}',
    '~{"$type":["Money",0,1]}',
    '~{"$type":["Money","2",[]]}',
    '~{"$type":[1,2,[]]}',
    '~{"$type":["toString",1,[]]}',
    '~{"$type":["Moody",1,null]}',
    '~{"$ref":0}',
    '~[{"$ref":1}]',
    '~[{"$ref":-1}]',
    '~[{"$ref":0.5}]',
    '~[{"$ref":"0"}]',
    '~[{"\\u0024ref":0}]',
    '~{"$type":["Box",1,{"$ref":0}]}',
  ])('does not read %.80j', (text) => {
    expect(() => codec.decode(text)).toThrow(DecodeError)
  })

  it('names a class that is not registered, and nothing else', () => {
    expect(reason('~{"$type":["Invoice",1,{"total":5}]}')).toBe('a registered type that is not known here: Invoice')
    expect(reason(`~{"$type":["${'\\u0007x'.repeat(50)}",1,{}]}`)).toBe(
      `a registered type that is not known here: ${'?x'.repeat(32)}`,
    )
    expect(reason('~{"$type":["Moody",1,{"a":"secret"}]}')).toBe('data that Moody cannot be made of')
  })

  it('reads nothing that is nested too deep, in any form', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
      ['{"$map":[1,', ']}'],
      ['{"$null":{"a":', '}}'],
      ['{"$type":["Box",1,', ']}'],
    ] as const) {
      const text = (depth: number): string => `~${open.repeat(depth)}1${close.repeat(depth)}`
      expect(() => codec.decode(text(200))).not.toThrow()
      for (const depth of [201, 100_000]) expect(() => codec.decode(text(depth))).toThrow(DecodeError)
    }
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
      ['[1,{"a":"[{","b":', '},2]'],
    ] as const) {
      const text = (depth: number): string => `${open.repeat(depth)}1${close.repeat(depth)}`
      expect(() => codec.decode(text(100))).not.toThrow()
      for (const depth of [201, 100_000]) expect(() => codec.decode(text(depth))).toThrow(/deeper than 200 levels/)
    }
    expect(codec.decode(JSON.stringify(Array.from({ length: 500 }, () => [{}])))).toHaveLength(500)
    expect(codec.decode(JSON.stringify('['.repeat(500)))).toHaveLength(500)
  })

  it('takes a text without the marker as plain JSON', () => {
    expect(codec.decode('{"$date":5}')).toEqual({ $date: 5 })
  })

  it('keeps out of sight what errors keep out of sight', () => {
    const error = codec.decode('~{"$error":["AggregateError",[["errors",[]],["name","x"],["code",1]]]}') as object
    expect(Object.keys(error)).toEqual(['code'])
  })

  it('takes no key of a polluted prototype for a tag', () => {
    const everything: unknown = Object.getPrototypeOf({})
    Reflect.defineProperty(everything as object, '$date', { value: null, enumerable: true, configurable: true })
    try {
      expect(codec.decode('~{"a":{"$bigint":"1"}}')).toEqual({ a: 1n })
    } finally {
      Reflect.deleteProperty(everything as object, '$date')
    }
  })

  it('pollutes no prototype', () => {
    for (const text of [
      '~{"__proto__":{"polluted":{"$bigint":"1"}},"constructor":{"prototype":{"polluted":{"$date":null}}}}',
      '~{"$$a":1,"__proto__":{"polluted":1}}',
      '~{"$null":{"__proto__":{"polluted":1}}}',
      '~{"$error":["Error",[["__proto__",{"polluted":1}]]]}',
    ]) {
      const value = codec.decode(text) as object
      expect(Object.hasOwn(value, '__proto__')).toBe(true)
      expect((value as { polluted?: unknown }).polluted).toBeUndefined()
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})
