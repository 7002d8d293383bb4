/** What the test gave to this process. */
export const input = (): unknown => JSON.parse(process.argv[2] ?? '{}')
