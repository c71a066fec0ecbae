import { HallpassError } from '../../contract/errors.ts'
import type { Exchange } from './exchange.ts'
import { isDoubled } from './front-door.ts'

export const JSON_TYPE = 'application/json'
export const NDJSON_TYPE = 'application/x-ndjson'

/** Bare media type of the body, lower case; null when none was named. */
export function mediaTypeOf(exchange: Exchange): string | null {
  const header = exchange.request.headers['content-type']
  return header === undefined ? null : (header.split(';', 1)[0] ?? '').trim().toLowerCase()
}

/**
 * Refuses what a page may post to any address without asking (text/plain, forms), what is not UTF-8, and compressed
 * bodies, whose real size nobody knows before they are open.
 */
export function checkMediaType(exchange: Exchange, wanted: string): void {
  const { headers } = exchange.request
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new HallpassError('INVALID_REQUEST', "Compressed request bodies aren't supported. Remove Content-Encoding.")
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(headers['content-type'] ?? '')?.[1]
  const otherCharset = charset !== undefined && charset.toLowerCase() !== 'utf-8'
  if (mediaTypeOf(exchange) !== wanted || otherCharset || isDoubled(exchange.request, 'content-type')) {
    throw new HallpassError(
      'INVALID_REQUEST',
      `Send the body as ${wanted} in UTF-8, with the header "Content-Type: ${wanted}".`,
    )
  }
}

/** True when the Accept header names NDJSON itself; wildcards mean ordinary JSON. */
export function acceptsNdjson(exchange: Exchange): boolean {
  return (exchange.request.headers.accept ?? '').split(',').some((part) => {
    const [type, ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
    return type === NDJSON_TYPE && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
  })
}
