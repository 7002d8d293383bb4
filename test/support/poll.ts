/** Asks until the answer is neither false nor undefined. @throws Error when that takes longer than `within` ms */
export const poll = async <T>(ask: () => Promise<T> | T, within = 15_000): Promise<NonNullable<T>> => {
  const end = Date.now() + within
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== null && answer !== false) return answer
    if (Date.now() > end) throw new Error(`not so within ${within} ms`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
