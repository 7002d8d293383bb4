/** What JSON can hold. @publicApi */
export type JsonValue = null | string | number | boolean | JsonObject | JsonValue[]

/** @publicApi */
export interface JsonObject {
  [key: string]: JsonValue | undefined
}
