import { HallpassError } from '../../contract/errors.ts'
import type { Exchange } from './exchange.ts'
import { isDoubled } from './front-door.ts'

export const JSON_TYPE = 'application/json'
export const NDJSON_TYPE = 'application/x-ndjson'

/** Returns the body's media type without parameters, in lower case, or null if missing. */
export function mediaTypeOf(exchange: Exchange): string | null {
  const header = exchange.request.headers['content-type']
  return header === undefined ? null : (header.split(';', 1)[0] ?? '').trim().toLowerCase()
}

/**
 * Rejects types that any page can post without a CORS preflight (text/plain, forms), other charsets than UTF-8, and
 * compressed bodies, whose real size is unknown until they are decompressed.
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

/** Returns true if the Accept header names NDJSON. Wildcards mean ordinary JSON. */
export function acceptsNdjson(exchange: Exchange): boolean {
  return (exchange.request.headers.accept ?? '').split(',').some((part) => {
    const [type, ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
    return type === NDJSON_TYPE && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
  })
}
