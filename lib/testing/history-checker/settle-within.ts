/** A call that had not settled by its time. */
export class HungCallError extends Error {
  constructor(readonly ms: number) {
    super(`the call did not settle within ${ms} ms`)
    this.name = 'HungCallError'
  }
}

/** Settles as the call does. @throws HungCallError when it takes longer; what becomes of it then is nobody's concern */
export const settleWithin = async <T>(call: () => Promise<T>, ms: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new HungCallError(ms)), ms)
  })
  try {
    return await Promise.race([call(), late])
  } finally {
    clearTimeout(timer)
  }
}
