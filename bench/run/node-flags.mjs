/**
 * Of every process that answers calls. An application at work is not idle; these are, while others have their turns, and V8 takes
 * memory away from what is.
 */
export const NODE_FLAGS = ['--no-warnings', '--no-memory-reducer']
