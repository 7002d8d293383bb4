/** What a command ended with: its answer, or what its error says. */
export const outcome = (command: Promise<unknown>): Promise<unknown> => command.catch((error: Error) => error.message)
