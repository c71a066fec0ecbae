import { z } from 'zod'

/** An origin as browsers send it: scheme, host and port. `null` and `*` are not accepted. */
const originSchema = z.string().refine((text) => text !== 'null' && isOrigin(text), {
  error: 'must be an origin without a path, for example https://app.example.com',
})

/** The message fits below a form field as well as on a terminal. */
function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min.toLocaleString('en')} to ${max.toLocaleString('en')}`
  return z.int({ error }).min(min, { error }).max(max, { error })
}

/** Maximum length of an answer to a model, in characters. */
const answerChars = wholeNumber(4000, 200_000)
/** The same for one project or token. Null if the level above decides. */
export const ownAnswerCharsSchema = z
  .union([answerChars, z.literal('off')], { error: 'must be a whole number from 4,000 to 200,000, or off' })
  .nullable()
export type OwnAnswerChars = z.infer<typeof ownAnswerCharsSchema>

/** What the desktop app notifies about. Each kind is also a kind of attention item. */
export const NOTIFICATION_KINDS = ['connection_down', 'tools_review', 'token_expiring', 'ended_token'] as const
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number]

const tlsFilesSchema = z.strictObject({
  cert: z.string().min(1).max(4096).describe('Full path of the certificate with its chain, as PEM'),
  key: z.string().min(1).max(4096).describe('Full path of its private key, as PEM, readable only by you'),
})
export type TlsFiles = z.infer<typeof tlsFilesSchema>

/** The word that the owner types before other computers can reach Hallpass. */
export const REACHABLE_WORD = 'reachable'
export const reachableWordSchema = z
  .literal(REACHABLE_WORD, { error: `must be the word ${REACHABLE_WORD}` })
  .describe('Required if other computers can reach Hallpass with the new settings')

/** What decides who can reach Hallpass. */
export const NETWORK_SETTINGS = ['host', 'tls', 'trusted_proxy', 'public_url'] as const
/** What says where and how Hallpass listens. It takes effect when the server restarts. */
export const LISTEN_SETTINGS = [...NETWORK_SETTINGS, 'port'] as const

export const settingsSchema = z.strictObject({
  log_mode: z
    .enum(['batched', 'strict'])
    .describe('strict: requests are written to disk before the upstream is called; batched: within 100 ms'),
  log_days: wholeNumber(1, 3650).describe('Requests older than this many days are deleted from the log'),
  log_rows: wholeNumber(1000, 100_000_000).describe('Maximum number of requests in the log'),
  port: wholeNumber(1, 65_535).describe(
    'Port of the HTTP server. Takes effect after a restart. HALLPASS_PORT overrides it',
  ),
  host: z
    .string()
    .min(1)
    .max(255)
    .describe('Listen address of the HTTP server. Takes effect after a restart. HALLPASS_HOST overrides it'),
  tls: tlsFilesSchema
    .nullable()
    .describe(
      'Files for HTTPS instead of HTTP; null for HTTP. Takes effect after a restart. HALLPASS_TLS_CERT and HALLPASS_TLS_KEY override it',
    ),
  trusted_proxy: z
    .array(z.string().min(1).max(64))
    .max(16)
    .describe(
      'IP addresses or networks of reverse proxies that encrypt. Takes effect after a restart. HALLPASS_TRUSTED_PROXIES overrides it',
    ),
  public_url: z
    .string()
    .min(1)
    .max(255)
    .nullable()
    .describe(
      'Address without a path at which others reach Hallpass, if it is not the listen address. Takes effect after a restart. HALLPASS_PUBLIC_URL overrides it',
    ),
  default_rate: z.string().max(32).describe('Rate limit of tokens without their own, for example 6000/m or 100/s'),
  pause_on_lock: z
    .boolean()
    .describe('Pause all access while the screen is locked or the computer sleeps (desktop app only)'),
  theme: z.enum(['system', 'light', 'dark']).describe('Theme of the desktop app and the web console'),
  notifications: z
    .array(z.enum(NOTIFICATION_KINDS))
    .max(NOTIFICATION_KINDS.length)
    .describe('What the desktop app shows a notification for'),
  single_keys: z.boolean().describe('Whether single letters are shortcuts on the screens'),
  answer_chars: answerChars
    .nullable()
    .describe('Maximum length of one answer to a model over MCP, in characters; null for no limit'),
  allowed_origins: z
    .array(originSchema)
    .max(64)
    .describe('Web origins that can call /api and /projects from a browser'),
})
export type Settings = z.infer<typeof settingsSchema>

export const DEFAULT_SETTINGS: Settings = {
  log_mode: 'batched',
  log_days: 30,
  log_rows: 1_000_000,
  port: 7717,
  host: '127.0.0.1',
  tls: null,
  trusted_proxy: [],
  public_url: null,
  default_rate: '6000/m',
  pause_on_lock: false,
  theme: 'system',
  notifications: [...NOTIFICATION_KINDS],
  single_keys: true,
  answer_chars: 32_000,
  allowed_origins: [],
}

function isOrigin(text: string): boolean {
  try {
    return new URL(text).origin === text
  } catch {
    return false
  }
}
