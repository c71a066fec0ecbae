import { invalidInput } from '../../../contract/input-errors.ts'
import {
  preferencesSchema,
  type Preferences,
  type RecentItem,
} from '../../../contract/owner-api/screens/preferences-api.ts'
import type { Store } from '../../store/store.ts'
import { logViews } from '../named-settings.ts'
import type { OwnerDesk } from '../owner-implementer.ts'

const KEY = 'preferences'
const DEFAULTS: Preferences = { first_run: 'open', recent: [], sort: {}, columns: {} }

export function preferenceHandlers({ os, parts: { store, changes } }: OwnerDesk) {
  return {
    get: os.preferences.get.handler(() => {
      const { recent, ...rest } = readPreferences(store)
      return { ...rest, recent: recent.filter((item) => stillExists(store, item)) }
    }),
    // What a screen remembers isn't worth a log row.
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
  const before = readPreferences(store)
  const next = preferencesSchema.safeParse({
    ...before,
    ...given,
    sort: { ...before.sort, ...changes.sort },
    columns: { ...before.columns, ...changes.columns },
  })
  if (!next.success) throw invalidInput(next.error.issues)
  store.write.setSetting(KEY, JSON.stringify(next.data))
  return next.data
}

/** Leaves out what was deleted or renamed since. */
function stillExists(store: Store, { kind, name, project }: RecentItem): boolean {
  if (kind === 'project') return store.read.project(name) !== null
  if (kind === 'connection') return store.read.connection(name) !== null
  if (kind === 'view')
    return logViews(store)
      .list()
      .some((view) => view.name === name)
  const row = project === null ? null : store.read.project(project)
  return row !== null && store.read.token(row.id, name) !== null
}
