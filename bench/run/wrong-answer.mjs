/** Thrown when something else came back than what is true: fails the row, and the run. */
export class WrongAnswer extends Error {
  name = 'WrongAnswer'
}
