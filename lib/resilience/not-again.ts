/** As the cause of an error: it is retryable for the caller, but repeating the attempt within the same call is no use. */
export class NotAgain extends Error {}
