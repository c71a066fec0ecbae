import { isIP } from 'node:net'
import { isAbsolute } from 'node:path'
import { HallpassError, invalidRequest } from '../contract/errors.ts'
import { DEFAULT_SETTINGS, type Settings, settingsSchema } from '../contract/settings.ts'
import { parseRate } from './access/rate-limiter.ts'
import { readTrustedProxies } from './http/caller-address.ts'
import { originOf } from './http/front-door.ts'
import type { Store } from './store/store.ts'

export interface OwnerSettings {
  readonly current: Readonly<Settings>
  /**
   * Changes the given settings. They are durable when this returns and take effect immediately, except those that say
   * where and how Hallpass listens. Throws INVALID_REQUEST with the field and then changes nothing.
   */
  update(changes: { [K in keyof Settings]?: Settings[K] | undefined }): Promise<Readonly<Settings>>
  /** Returns what `update` would store and where, without changing anything. Throws like `update`. */
  checked(changes: { [K in keyof Settings]?: Settings[K] | undefined }): {
    next: Readonly<Settings>
    stored: { key: string; value: string }
  }
  /** Takes over settings that were stored together with other changes. */
  reload(): void
  /** Calls `changed` after each change. */
  follow(changed: (current: Readonly<Settings>) => void): void
}

const KEY = 'settings'

/** Checks that the schema can't express. Each returns what is wrong, or null. */
const CHECKS: { [K in keyof Settings]?: (value: Settings[K]) => string | null } = {
  host: (host) =>
    isHost(host)
      ? null
      : 'must be an IP address or host name of this computer, without scheme and port, for example 127.0.0.1',
  tls: (files) =>
    files === null || (isAbsolute(files.cert) && isAbsolute(files.key)) ? null : 'must be two full paths of files',
  trusted_proxy: (texts) =>
    problemIn(() => readTrustedProxies(texts), 'must be IP addresses or networks, for example 10.0.0.2 or 10.0.0.0/24'),
  public_url: (url) =>
    url === null
      ? null
      : problemIn(() => originOf(url), 'must be an address without a path, for example https://hallpass.example.com'),
  default_rate: (rate) => problemIn(() => parseRate(rate), 'must be a limit such as 100/s or 600/m, or none'),
}

/**
 * The owner's settings in the store. A setting that is unknown to this version or out of range falls back to its
 * default.
 */
export function openSettings(store: Store): OwnerSettings {
  let current = read(store.read.setting(KEY))
  const followers: ((current: Readonly<Settings>) => void)[] = []

  function checked(changes: Parameters<OwnerSettings['checked']>[0]): ReturnType<OwnerSettings['checked']> {
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
    const next = settingsSchema.parse({ ...current, ...given })
    for (const name of Object.keys(given) as (keyof Settings)[]) {
      const wrong = problemOf(name, next[name])
      if (wrong !== null) throw invalidRequest(`The value ${wrong}.`, name)
    }
    return { next, stored: { key: KEY, value: JSON.stringify(next) } }
  }

  function take(next: Settings): void {
    current = next
    for (const follower of followers) follower(current)
  }

  return {
    get current() {
      return current
    },
    checked,
    async update(changes) {
      const { next, stored } = checked(changes)
      store.write.setSetting(stored.key, stored.value)
      take(next)
      return current
    },
    reload: () => take(read(store.read.setting(KEY))),
    follow: (changed) => void followers.push(changed),
  }
}

/** Returns the limits of the request log, which follow the settings. */
export function logRetention(settings: Pick<OwnerSettings, 'current'>): {
  readonly days: number
  readonly rows: number
} {
  return {
    get days() {
      return settings.current.log_days
    },
    get rows() {
      return settings.current.log_rows
    },
  }
}

function problemOf<K extends keyof Settings>(name: K, value: Settings[K]): string | null {
  return CHECKS[name]?.(value) ?? null
}

function read(text: string | null): Settings {
  if (text === null) return DEFAULT_SETTINGS
  const stored = JSON.parse(text) as Record<string, unknown>
  const settings: Record<string, unknown> = { ...DEFAULT_SETTINGS }
  for (const [name, schema] of Object.entries(settingsSchema.shape)) {
    const parsed = schema.safeParse(stored[name])
    if (parsed.success && problemOf(name as keyof Settings, parsed.data as never) === null) settings[name] = parsed.data
  }
  return settingsSchema.parse(settings)
}

function isHost(text: string): boolean {
  return (
    isIP(text) !== 0 ||
    (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(text) &&
      !/^[\d.]+$/.test(text))
  )
}

/** Returns the problem if the parser rejects the value. */
function problemIn(parse: () => unknown, problem: string): string | null {
  try {
    parse()
    return null
  } catch (thrown) {
    if (thrown instanceof HallpassError) return problem
    throw thrown
  }
}
