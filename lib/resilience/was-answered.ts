/** Whether a cause is what the server answered with: then it lives, whatever it refused. */
export const wasAnswered = (cause: unknown): boolean => cause instanceof Error && cause.name === 'ReplyError'
