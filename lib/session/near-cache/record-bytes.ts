/** What a record takes in memory at the most: two bytes a character, and what holds it. */
export const recordBytes = (record: string): number => 2 * record.length + 64
