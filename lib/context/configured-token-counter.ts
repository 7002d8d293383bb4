import { Logger } from '@nestjs/common'
import { isError } from '../errors/is-error.js'
import { MemoryConfigError } from '../errors/memory-config.error.js'
import { valueKind } from '../errors/value-kind.js'
import { TokenCounter } from '../model/token-counter.js'
import { estimateTokens } from './token-estimator.js'

/**
 * The application's counter. A text it cannot count, as tokenizers refuse the names of their special tokens, is estimated: a
 * message is not lost for the sake of its length.
 */
export class ConfiguredTokenCounter extends TokenCounter {
  private readonly logger = new Logger('AgentMemory')
  private counter: TokenCounter | undefined
  private hasFailed = false

  /** @param find is called once, when the first text is counted */
  constructor(
    private readonly find: () => TokenCounter,
    private readonly path: string,
  ) {
    super()
  }

  /** @throws MemoryConfigError when there is no counter, or what it answers is no number of tokens */
  override count(text: string): number {
    this.counter ??= this.find()
    const tokens = this.counted(this.counter, text)
    if (typeof tokens === 'number' && Number.isSafeInteger(Math.ceil(tokens)) && tokens >= 0) return Math.ceil(tokens)
    throw new MemoryConfigError({
      path: `${this.path}.count`,
      given: `a method that answers ${valueKind(tokens)}`,
      allowed: 'one that answers a number of tokens from 0, and no promise of one',
    })
  }

  private counted(counter: TokenCounter, text: string): unknown {
    try {
      return counter.count(text)
    } catch (error) {
      this.report(error)
      return estimateTokens(text)
    }
  }

  /** Once; and not what the error says, which may be of the text. */
  private report(error: unknown): void {
    if (this.hasFailed) return
    this.hasFailed = true
    const kind = isError(error) ? error.constructor.name : valueKind(error)
    this.logger.warn(`${this.path} failed with ${kind}: what it cannot count is estimated`)
  }
}
