/** What the server has computed so far, in µs. @param client of ioredis */
export const serverCpu = async (client) => {
  const info = await client.info('cpu')
  const seconds = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1])
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6
}
