/** A message that is written: which session, and which one of all that its writer called there. */
export interface KilledWrite {
  readonly session: string
  readonly id: string
}

/** Begins with its id, so that it is found again; of many lengths. */
export const contentOf = ({ session, id }: KilledWrite): string => {
  const number = Number(id.split('-').at(-1))
  return `${id} of ${session} ${'ä€🙂x'.repeat((number * 7) % 90)}`
}

export const idOf = (content: unknown): string => (typeof content === 'string' ? content.split(' ', 1)[0]! : 'no text')
