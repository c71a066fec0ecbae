/** Limits of a connection to Grist. */
export interface GristLimits {
  /** Concurrent requests. Grist rejects more than ten of all its users together. */
  concurrency: number
  connectMs: number
  /** Longest time from sending a request to the end of its response (of a stream: to its head). */
  responseMs: number
  /** The same for SQL, which Grist itself interrupts after one second. */
  sqlMs: number
  /** Longest time without data in a streamed response. */
  silenceMs: number
  /** Largest response that isn't streamed, in bytes. */
  responseBytes: number
  /** How long a request that Grist postponed is retried. */
  retryMs: number
  /** Grist's limit for a request body. One byte more is 413. */
  bodyBytes: number
  batchRows: number
}

export const GRIST_LIMITS: GristLimits = {
  concurrency: 5,
  connectMs: 10_000,
  responseMs: 60_000,
  sqlMs: 15_000,
  silenceMs: 60_000,
  responseBytes: 64 * 1_048_576,
  retryMs: 10_000,
  bodyBytes: 1_048_576,
  batchRows: 5_000,
}
