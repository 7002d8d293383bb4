/** As little of Redis' protocol (RESP2) as a loop at the limit needs. */

const CR = 13
const [STATUS, ERROR, INTEGER, BULK, ARRAY] = Buffer.from('+-:$*')

/** @param {readonly (string | number)[]} args */
export const encodeCommand = (args) => {
  let text = `*${args.length}\r\n`
  for (const arg of args) text += `$${Buffer.byteLength(String(arg))}\r\n${arg}\r\n`
  return text
}

/** Takes chunks as they come, and gives what is whole: replies, or on the other side of a connection requests. */
export class RespReader {
  #rest = Buffer.alloc(0)
  #at = 0

  constructor(onValue) {
    this.onValue = onValue
  }

  push(chunk) {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.#at = 0
    let whole = 0
    while (this.#at < this.#rest.length) {
      const value = this.#read()
      if (value === undefined) break
      whole = this.#at
      this.onValue(value)
    }
    this.#rest = this.#rest.subarray(whole)
  }

  /** `undefined` when there is not enough of it yet. */
  #read() {
    const type = this.#rest[this.#at]
    const end = this.#rest.indexOf(CR, this.#at)
    if (end === -1 || end + 2 > this.#rest.length) return undefined
    if (type === STATUS || type === ERROR) {
      const text = this.#rest.toString('utf8', this.#at + 1, end)
      this.#at = end + 2
      return type === ERROR ? new Error(text) : text
    }
    const number = this.#number(end)
    this.#at = end + 2
    if (type === INTEGER) return number
    if (type === BULK) return this.#bulk(number)
    if (type === ARRAY) return this.#array(number)
    throw new Error(`not RESP2: ${String.fromCharCode(type)}`)
  }

  #number(end) {
    let at = this.#at + 1
    const sign = this.#rest[at] === 45 ? -1 : 1
    if (sign === -1) at += 1
    let number = 0
    for (; at < end; at += 1) number = number * 10 + this.#rest[at] - 48
    return sign * number
  }

  #bulk(length) {
    if (length === -1) return null
    const end = this.#at + length
    if (end + 2 > this.#rest.length) return undefined
    const text = this.#rest.toString('utf8', this.#at, end)
    this.#at = end + 2
    return text
  }

  #array(length) {
    if (length === -1) return null
    const items = []
    for (let index = 0; index < length; index += 1) {
      if (this.#at >= this.#rest.length) return undefined
      const item = this.#read()
      if (item === undefined) return undefined
      items.push(item)
    }
    return items
  }
}
