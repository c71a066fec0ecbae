import { DEFAULT_SETTINGS, type Settings, settingsSchema } from '../contract/settings.ts'
import type { Store } from './store/store.ts'

export interface OwnerSettings {
  readonly current: Readonly<Settings>
  /** Changes what is given and leaves the rest; acts at once, and is durable when it returns. */
  update(changes: { [K in keyof Settings]?: Settings[K] | undefined }): Readonly<Settings>
}

const KEY = 'settings'

/** The owner's settings, as kept in the store. What this version does not know, or finds out of bounds, falls back alone. */
export function openSettings(store: Store): OwnerSettings {
  let current = read(store.read.setting(KEY))
  return {
    get current() {
      return current
    },
    update(changes) {
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
      const next = settingsSchema.parse({ ...current, ...given })
      store.write.setSetting(KEY, JSON.stringify(next))
      current = next
      return current
    },
  }
}

function read(text: string | null): Settings {
  if (text === null) return DEFAULT_SETTINGS
  const kept = JSON.parse(text) as Record<string, unknown>
  const settings: Record<string, unknown> = { ...DEFAULT_SETTINGS }
  for (const [name, schema] of Object.entries(settingsSchema.shape)) {
    const parsed = schema.safeParse(kept[name])
    if (parsed.success) settings[name] = parsed.data
  }
  return settingsSchema.parse(settings)
}
