import v8 from 'node:v8'
import { addExtension as addCborExtension, Encoder } from 'cbor-x'
import * as devalue from 'devalue'
import { addExtension as addMsgpackExtension, Packr } from 'msgpackr'
import { createPlugin, fromJSON, toJSON } from 'seroval'
import { SuperJSON } from 'superjson'
import { Account, Money, QuotaError } from './classes.mjs'
import { CUSTOM } from './types.mjs'

// Every peer with the options that keep the most, and with the classes made known in the way its documentation names.

const json = () => ({ name: 'JSON', write: JSON.stringify, read: JSON.parse })

const devalueCodec = () => {
  const reducers = CUSTOM.map(({ Class, write }) => [Class.name, (value) => value instanceof Class && [write(value)]])
  const revivers = CUSTOM.map(({ Class, read }) => [Class.name, ([data]) => read(data)])
  return {
    name: 'devalue',
    write: (value) => devalue.stringify(value, Object.fromEntries(reducers)),
    read: (text) => devalue.parse(text, Object.fromEntries(revivers)),
  }
}

const superjson = () => {
  const codec = new SuperJSON()
  codec.registerClass(Money)
  codec.registerClass(QuotaError)
  for (const { Class, write, read } of CUSTOM) {
    if (Class === Money || Class === QuotaError) continue
    codec.registerCustom(
      { isApplicable: (value) => value instanceof Class, serialize: write, deserialize: read },
      Class === Account ? 'Account' : 'decimal.js',
    )
  }
  codec.allowErrorProps('stack', 'cause', 'code', 'errors')
  return { name: 'superjson', write: (value) => codec.stringify(value), read: (text) => codec.parse(text) }
}

const msgpackr = () => {
  CUSTOM.forEach(({ Class, write, read }, index) => addMsgpackExtension({ Class, type: 10 + index, write, read }))
  const codec = new Packr({ structuredClone: true, moreTypes: true, useBigIntExtension: true, copyBuffers: true })
  return { name: 'msgpackr', write: (value) => Buffer.from(codec.pack(value)), read: (bytes) => codec.unpack(bytes) }
}

const cborX = () => {
  CUSTOM.forEach(({ Class, write, read }, index) =>
    addCborExtension({ Class, tag: 40_600 + index, encode: (value, encode) => encode(write(value)), decode: read }),
  )
  const codec = new Encoder({ structuredClone: true, copyBuffers: true })
  return { name: 'cbor-x', write: (value) => Buffer.from(codec.encode(value)), read: (bytes) => codec.decode(bytes) }
}

const seroval = () => {
  const plugins = CUSTOM.map(({ Class, write, read }) =>
    createPlugin({
      tag: Class.name,
      test: (value) => value instanceof Class,
      parse: { sync: (value, context) => ({ data: context.parse(write(value)) }) },
      serialize: () => '',
      deserialize: ({ data }, context) => read(context.deserialize(data)),
    }),
  )
  return {
    name: 'seroval',
    write: (value) => JSON.stringify(toJSON(value, { plugins })),
    read: (text) => fromJSON(JSON.parse(text), { plugins }),
  }
}

/** Takes no classes: an instance comes back as a plain object. */
const structured = () => ({ name: 'v8', write: v8.serialize, read: v8.deserialize })

export const makePeers = () => [json(), devalueCodec(), superjson(), msgpackr(), cborX(), seroval(), structured()]
