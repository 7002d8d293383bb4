/** Up to here, a look at each is faster than a Set, which needs a hash of each. */
const FEW = 128

/**
 * The containers met so far, in their order. Most values share none: so finding that out is what has to be fast, and
 * numbers are given only once one is asked for.
 */
export class Identities {
  private readonly few: object[] = []
  private many: Set<object> | undefined
  private numbers: Map<object, number> | undefined

  /** Whether a container is new. */
  meet(container: object): boolean {
    if (this.many !== undefined) return this.meetAmong(this.many, container)
    if (this.few.includes(container)) return false
    if (this.few.push(container) > FEW) this.many = new Set(this.few)
    return true
  }

  /** The number of a container met before: how many were met before it. */
  numberOf(container: object): number {
    if (this.many === undefined) return this.few.indexOf(container)
    this.numbers ??= new Map([...this.many].map((known, number) => [known, number]))
    return this.numbers.get(container)!
  }

  private meetAmong(many: Set<object>, container: object): boolean {
    const { size } = many
    if (many.add(container).size === size) return false
    this.numbers?.set(container, size)
    return true
  }
}
