/** The last word of a command of this folder, and its exit code. */
export const conclude = (problems: readonly string[]): void => {
  console.log(problems.length === 0 ? '\nall as promised' : `\nNOT as promised:\n${problems.join('\n')}`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
