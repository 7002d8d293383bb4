/** Whether something is wrong, and what it is called then. */
export type Check = readonly [isWrong: boolean, problem: string]

export const failedChecks = (checks: readonly Check[]): string[] =>
  checks.filter(([isWrong]) => isWrong).map(([, problem]) => problem)
