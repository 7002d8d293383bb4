/** Copies a key; on a cluster also from one node to another. */
export const copyKey = async (client, from, to) => {
  if (!client.isCluster) {
    await client.copy(from, to, 'REPLACE')
    return
  }
  await client.restore(to, 3_600_000, await client.dumpBuffer(from), 'REPLACE')
}
