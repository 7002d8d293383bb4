/** What `QueryInteger(minimum, maximum)` lets pass, for the OpenAPI document. */
export const queryInteger = (minimum: 0 | 1, description: string, maximum = Number.MAX_SAFE_INTEGER) => ({
  required: false,
  type: 'integer',
  minimum,
  maximum,
  description,
})
