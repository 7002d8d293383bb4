import { HttpStatus, type StreamableFile } from '@nestjs/common'
import { MemoryError } from '../../../errors/memory.error.js'
import { toProblemDetails } from '../../filter/problem-details.js'
import { sendProblem, type AnyResponse } from '../../filter/send-problem.js'

type FailingResponse = Parameters<StreamableFile['errorHandler']>[1]

/**
 * Answers for a file that has failed. Its own handler takes a source that has ended for an answer that has: one whose turn was not
 * kept would end as if it were whole, or be the fault of who asked.
 */
export const failFile = (file: StreamableFile, error: Error, response: FailingResponse): void => {
  if (!file.getStream().readableEnded) {
    file.errorHandler(error, response)
    return
  }
  if (response.destroyed) return
  file.errorLogger(error)
  if (response.headersSent) {
    // Of Nest 11 and 12 it is a response of Node.
    response.destroy?.()
  } else if (error instanceof MemoryError) {
    sendProblem(response as unknown as AnyResponse, toProblemDetails(error))
  } else {
    response.statusCode = HttpStatus.INTERNAL_SERVER_ERROR
    response.send('Internal Server Error')
  }
}
