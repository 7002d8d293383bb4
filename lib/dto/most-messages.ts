/** Of one request. */
export const MOST_MESSAGES = 1_000
