/** Up to here, a look at each is faster than a Map. */
const FEW = 8

/** The containers met so far, numbered in their order. */
export class Identities {
  private readonly few: object[] = []
  private many: Map<object, number> | undefined

  /** The number of a container met before; -1 for a new one, which has the next number from now on. */
  meet(container: object): number {
    if (this.many !== undefined) return this.meetMany(this.many, container)
    const number = this.few.indexOf(container)
    if (number === -1 && this.few.push(container) > FEW) {
      this.many = new Map(this.few.map((known, index) => [known, index]))
    }
    return number
  }

  private meetMany(many: Map<object, number>, container: object): number {
    const number = many.get(container)
    if (number !== undefined) return number
    many.set(container, many.size)
    return -1
  }
}
