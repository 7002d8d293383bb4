/** What the agent notes on a message, beside its text. */
export interface AgentMetadata {
  readonly [key: string]: unknown
  /** On the model's answer: the id of the message it answers. */
  readonly replyTo?: string
  /** On a message of a member of staff who took over from the model. */
  readonly author?: 'human'
}
