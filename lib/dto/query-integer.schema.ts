/** What `QueryInteger(min)` lets pass, for the OpenAPI document. */
export const queryInteger = (minimum: 0 | 1, description: string) => ({
  required: false,
  type: 'integer',
  minimum,
  maximum: Number.MAX_SAFE_INTEGER,
  description,
})
