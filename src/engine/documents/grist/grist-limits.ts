/** What a connection holds itself and Grist to. */
export interface GristLimits {
  /** Requests at once; Grist refuses more than ten from all its users together. */
  concurrency: number
  connectMs: number
  /** From sending a request to the end of its answer (of a streamed one: to its head). */
  answerMs: number
  /** The same for SQL, which Grist itself ends after one second. */
  sqlMs: number
  /** Longest silence in the middle of a streamed answer. */
  silenceMs: number
  /** Longest answer that is not streamed, in bytes. */
  answerBytes: number
  /** How long a request that was refused for now is tried again. */
  retryMs: number
  /** Grist's limit on a request body: exactly this much passes, one byte more is 413. */
  bodyBytes: number
  batchRows: number
}

export const GRIST_LIMITS: GristLimits = {
  concurrency: 5,
  connectMs: 10_000,
  answerMs: 60_000,
  sqlMs: 15_000,
  silenceMs: 60_000,
  answerBytes: 64 * 1_048_576,
  retryMs: 10_000,
  bodyBytes: 1_048_576,
  batchRows: 5_000,
}
