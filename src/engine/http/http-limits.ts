/** Sizes in bytes, times in milliseconds. */
export interface HttpLimits {
  /** Maximum size of a body that is read whole. NDJSON streams have no limit. */
  bodyBytes: number
  /** Maximum nesting of JSON. Parsers accept more than serializers, so a deeper body could be read but not returned. */
  bodyDepth: number
  headerBytes: number
  headersMs: number
  /** Timeout for a body that is read whole. */
  bodyMs: number
  /** Maximum wait for the next chunk of a stream, in either direction. */
  streamIdleMs: number
  /** How long an unwanted body is read and discarded, so that its sender can read the response. */
  lingerMs: number
  keepAliveMs: number
  connections: number
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  bodyBytes: 32 * 1024 * 1024,
  bodyDepth: 64,
  headerBytes: 16 * 1024,
  headersMs: 10_000,
  bodyMs: 60_000,
  streamIdleMs: 300_000,
  lingerMs: 5_000,
  keepAliveMs: 65_000,
  connections: 2_048,
}
