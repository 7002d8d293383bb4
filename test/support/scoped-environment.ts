/** Sets variables for the time of `work`; `undefined` removes one. */
export const withEnvironment = async <T>(
  variables: Readonly<Record<string, string | undefined>>,
  work: () => Promise<T> | T,
): Promise<T> => {
  const apply = (values: typeof variables): void => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]))
  apply(variables)
  try {
    return await work()
  } finally {
    apply(before)
  }
}
