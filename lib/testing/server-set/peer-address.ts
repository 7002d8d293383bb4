/** Every address of 127.0.0.0/8 is this machine on Linux, and only 127.0.0.1 is elsewhere. */
const HAS_MANY = process.platform === 'linux'

/** Where the how-manieth server of a set connects to the others from, so that they can be told from clients. */
export const peerAddress = (index: number): string | undefined => (HAS_MANY ? `127.0.1.${index + 1}` : undefined)

export const isPeerAddress = (address: string | undefined): boolean => address?.startsWith('127.0.1.') === true
