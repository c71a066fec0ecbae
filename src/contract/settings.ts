import { z } from 'zod'

/** An origin as a browser sends it: scheme, host and port, nothing else. `null` and `*` are none. */
const originSchema = z.string().refine((text) => text !== 'null' && isOrigin(text), {
  error: 'must be an exact origin such as https://app.example.com or http://localhost:5173, without a path',
})

/** Refused in words that stand under a field as well as on a terminal. */
function wholeNumber(least: number, most: number) {
  const error = `must be a whole number from ${least.toLocaleString('en')} to ${most.toLocaleString('en')}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

export const settingsSchema = z.strictObject({
  log_mode: z
    .enum(['batched', 'strict'])
    .describe('strict: a log row is on disk before its upstream is called; batched: within 100 ms'),
  log_days: wholeNumber(1, 3650).describe('Log rows older than this many days are deleted'),
  log_rows: wholeNumber(1000, 100_000_000).describe('At most this many log rows are kept'),
  port: wholeNumber(1, 65_535).describe('Port of the HTTP server; acts at the next start. HALLPASS_PORT overrules it'),
  host: z
    .string()
    .min(1)
    .max(255)
    .describe('Address the HTTP server listens on; acts at the next start. HALLPASS_HOST overrules it'),
  default_rate: z.string().max(32).describe('Rate of tokens that have none of their own, such as 6000/m or 100/s'),
  pause_on_lock: z
    .boolean()
    .describe('Pause all access while the screen is locked or the machine sleeps; the desktop app does it'),
  theme: z.enum(['system', 'light', 'dark']).describe('Colours of the window and the console'),
  allowed_origins: z.array(originSchema).max(64).describe('Web pages that may call /api and /projects from a browser'),
})
export type Settings = z.infer<typeof settingsSchema>

export const DEFAULT_SETTINGS: Settings = {
  log_mode: 'batched',
  log_days: 30,
  log_rows: 1_000_000,
  port: 7717,
  host: '127.0.0.1',
  default_rate: '6000/m',
  pause_on_lock: false,
  theme: 'system',
  allowed_origins: [],
}

function isOrigin(text: string): boolean {
  try {
    return new URL(text).origin === text
  } catch {
    return false
  }
}
