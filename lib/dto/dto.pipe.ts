import { BadRequestException, ValidationPipe, type ArgumentMetadata } from '@nestjs/common'

/** A ValidationPipe that refuses what is nested too deep for class-transformer, which goes through it by recursion. */
export class DtoPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    try {
      return await super.transform(value, metadata)
    } catch (error) {
      if (error instanceof RangeError) throw new BadRequestException(['the request is nested too deep'])
      throw error
    }
  }
}
