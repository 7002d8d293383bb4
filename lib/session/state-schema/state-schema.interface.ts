/** The rules for the state of a session, as the application gives them. */
export interface StateSchema {
  /**
   * Checks whole values, of any of the fields; fields that are not given are not asked for.
   *
   * @throws MemoryInvalidError for the first value that breaks a rule: its path below `values`, and the rule
   */
  check(values: Readonly<Record<string, unknown>>): Promise<void>
  /**
   * Which of the values that were read break a rule, by field, and why, without their content.
   */
  problems(values: ReadonlyMap<string, unknown>): Promise<ReadonlyMap<string, string>>
}
