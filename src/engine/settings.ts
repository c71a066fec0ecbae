import type { Store } from './store/store.ts'

export interface Settings {
  /** A log row is on disk before its upstream is called. */
  readonly strictLog: boolean
  /** Exact origins that may call `/api` and `/projects` from a browser. */
  readonly allowedOrigins: readonly string[]
  readonly retention: { days: number; rows: number }
}

const DEFAULT_RETENTION = { days: 30, rows: 1_000_000 }

/** The owner's settings, as kept in the store. Read once a start, but for `strictLog`, which acts at once. */
export function openSettings(store: Store): Settings {
  const origins = store.read.setting('allowed_origins')
  return {
    get strictLog() {
      return store.read.setting('log_mode') === 'strict'
    },
    allowedOrigins: origins === null ? [] : origins.split(/\s+/).filter((origin) => origin !== ''),
    retention: {
      days: wholeNumber(store.read.setting('log_days'), DEFAULT_RETENTION.days),
      rows: wholeNumber(store.read.setting('log_rows'), DEFAULT_RETENTION.rows),
    },
  }
}

function wholeNumber(text: string | null, otherwise: number): number {
  const value = Number(text)
  return text !== null && Number.isSafeInteger(value) && value > 0 ? value : otherwise
}
