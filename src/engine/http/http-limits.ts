/** Sizes in bytes, times in milliseconds. */
export interface HttpLimits {
  /** Longest body that is read whole; NDJSON streams are not limited. */
  bodyBytes: number
  /** Deepest nesting of JSON: parsers take far more than printers do, so a deep body could be read but not answered. */
  bodyDepth: number
  headerBytes: number
  headersMs: number
  /** Whole time for a body that is read whole. */
  bodyMs: number
  /** Longest wait for the next piece of a stream, in either direction. */
  streamIdleMs: number
  /** How long a body that nobody wants is drained, so that its sender gets to read why. */
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
