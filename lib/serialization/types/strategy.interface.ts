/** One way to keep the instances of a class. What either function throws is told apart from a fault by whoever calls it. */
export interface Strategy {
  /** Gives what stands for an instance. @throws EncodeError with the steps below the instance */
  serialize(value: object): unknown
  /** Makes an instance of what `serialize` gave, or of what anybody else put into Redis. @throws DecodeError */
  deserialize(data: unknown): unknown
}
