import { preferencesSchema, type Preferences } from '../../../contract/owner-api/screens/preferences-api.ts'
import type { Store } from '../../store/store.ts'
import type { OwnerDesk } from '../owner-implementer.ts'

const KEY = 'preferences'
const DEFAULTS: Preferences = { first_run: 'open', recent: [] }

export function preferenceHandlers({ os, parts: { store, changes } }: OwnerDesk) {
  return {
    get: os.preferences.get.handler(() => readPreferences(store)),
    // What a screen remembers is no action that a log would be read for.
    set: os.preferences.set.handler(({ input }) => {
      const next = writePreferences(store, input)
      changes.announce(['preferences'])
      return next
    }),
  }
}

/** Returns what the screens remember. A part that this version can't read has its default. */
function readPreferences(store: Pick<Store, 'read'>): Preferences {
  const stored = JSON.parse(store.read.setting(KEY) ?? '{}') as Record<string, unknown>
  const parsed = Object.entries(preferencesSchema.shape).flatMap(([name, schema]) => {
    const { success, data } = schema.safeParse(stored[name])
    return success ? [[name, data] as const] : []
  })
  return { ...DEFAULTS, ...(Object.fromEntries(parsed) as Partial<Preferences>) }
}

function writePreferences(
  store: Store,
  changes: { [K in keyof Preferences]?: Preferences[K] | undefined },
): Preferences {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const next = { ...readPreferences(store), ...(given as Partial<Preferences>) }
  store.write.setSetting(KEY, JSON.stringify(next))
  return next
}
