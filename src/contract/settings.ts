import { z } from 'zod'

/** An origin as a browser sends it: scheme, host and port, nothing else. `null` and `*` are none. */
const originSchema = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text && text !== 'null', {
  error: 'must be an exact origin such as https://app.example.com or http://localhost:5173, without a path',
})

export const settingsSchema = z.strictObject({
  log_mode: z.enum(['batched', 'strict']).describe('strict: a log row is on disk before its upstream is called; batched: within 100 ms'),
  log_days: z.int().min(1).max(3650).describe('Log rows older than this many days are deleted'),
  log_rows: z.int().min(1000).max(100_000_000).describe('At most this many log rows are kept'),
  allowed_origins: z.array(originSchema).max(64).describe('Web pages that may call /api and /projects from a browser'),
})
export type Settings = z.infer<typeof settingsSchema>

export const DEFAULT_SETTINGS: Settings = { log_mode: 'batched', log_days: 30, log_rows: 1_000_000, allowed_origins: [] }
