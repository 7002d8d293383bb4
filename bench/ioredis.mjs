/** The client of the project: among the packages of the peers is another version. */
export { Redis } from 'ioredis'
