/** Where the data of an image or a file is. */
export type Media =
  | { readonly kind: 'url'; readonly url: string; readonly mediaType: string | undefined }
  | { readonly kind: 'base64'; readonly data: string; readonly mediaType: string | undefined }

const DATA_URL = /^data:([^;,]*)((?:;[^;,]*)*?)(;base64)?,/i

/** How the base64 text of the images that models take begins. */
const SIGNATURES = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
] as const

const percentDecoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const fromDataUrl = (url: string, head: RegExpExecArray, mediaType: string | undefined): Media => {
  const body = url.slice(head[0].length)
  const data = head[3] === undefined ? Buffer.from(percentDecoded(body)).toString('base64') : body
  return { kind: 'base64', data, mediaType: mediaType ?? (head[1] === '' ? undefined : head[1]?.toLowerCase()) }
}

const exactType = (mediaType: string | undefined): string | undefined =>
  mediaType === undefined || mediaType === '' || mediaType.endsWith('/*') ? undefined : mediaType.toLowerCase()

const imageType = (data: string): string | undefined => SIGNATURES.find(([start]) => data.startsWith(start))?.[1]

/** Reads a base64 text, a data URL or a URL; a media type with a wildcard counts as none. */
export const mediaOf = (text: string, mediaType?: string): Media => {
  const exact = exactType(mediaType)
  const head = DATA_URL.exec(text)
  if (head !== null) return fromDataUrl(text, head, exact)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { kind: 'url', url: text, mediaType: exact }
  return { kind: 'base64', data: text, mediaType: exact ?? imageType(text) }
}

export const isImageType = (mediaType: string): boolean => mediaType.toLowerCase().startsWith('image/')

export const decodedText = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')

/** Stands for a file that the format has no place for, so that the model knows of it. */
export const fileNote = (media: Media, filename?: string): string => {
  const name = filename ?? (media.mediaType === undefined || !isImageType(media.mediaType) ? 'file' : 'image')
  const type = media.mediaType === undefined ? '' : ` (${media.mediaType})`
  return media.kind === 'url' ? `[${name}${type}: ${media.url}]` : `[${name}${type}, not shown]`
}
