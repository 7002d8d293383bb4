/** How deep containers may stand in each other, on the way in and on the way out. */
export const MAX_DEPTH = 200

/** A bigint is made from its digits in quadratic time: a long one would block the process. */
export const MAX_BIGINT_DIGITS = 10_000

/** The lengths of all arrays with holes in one value: a few bytes of text would claim any amount of memory. */
export const MAX_SPARSE_LENGTH = 1_000_000

/** Of the name of a registered class, in a message. */
export const MAX_SHOWN_NAME = 64
