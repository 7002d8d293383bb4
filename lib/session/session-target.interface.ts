/** Where a session is, and who asks. */
export interface SessionTarget {
  readonly id: string
  readonly tenant: string | undefined
  readonly userId: string | undefined
  readonly key: string
  readonly summaryKey: string
}
