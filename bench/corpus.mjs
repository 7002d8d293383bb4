/** What is said in the benchmark: text of people does not repeat, so this does not compress either. */

const CHARACTERS = 200
const WORDS = (() => {
  let text = ''
  for (let value = 7; text.length < 64 * 1024; value = (value * 48_271) % 2_147_483_647)
    text += `${value.toString(36)} `
  return text
})()

/**
 * The message with this number, of exactly 200 characters: what stands at any place of a conversation can be told without
 * having kept it.
 *
 * @param {number} number from 0; even ones are the user's
 */
export const messageOf = (number) => {
  const start = `${number} `
  const from = (number * 97) % (WORDS.length - CHARACTERS)
  return {
    role: number % 2 === 0 ? 'user' : 'assistant',
    content: start + WORDS.slice(from, from + CHARACTERS - start.length),
  }
}

/** @param {number} from @param {number} to the number behind the last one */
export const messagesOf = (from, to) => Array.from({ length: to - from }, (_, index) => messageOf(from + index))

/** What a window is to hold of a conversation of `count` messages. @param {number} count @param {number} last */
export const windowOf = (count, last) => messagesOf(Math.max(0, count - last), count)
