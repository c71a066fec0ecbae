import type { TokenPreset } from '../../../contract/owner-api/presets-api.ts'
import { presetFields, viewFields } from '../changes/changed-fields.ts'
import type { Fields } from '../changes/owner-change.ts'
import { createNamedSettings, logViews, type NamedSettings } from '../named-settings.ts'
import type { ActionSubject } from '../owner-actions.ts'
import type { OwnerDesk } from '../owner-implementer.ts'

export function viewHandlers({ os, parts: { store }, actions }: OwnerDesk) {
  const views = logViews(store)
  const viewOf = (name: string) => subjectIn(views, name, viewFields)

  return {
    list: os.views.list.handler(() => views.list()),
    save: os.views.save.handler(({ input }) =>
      actions.change('views.save', { project: input.project, ...viewOf(input.name) }, () => {
        views.save(input)
        return {}
      }),
    ),
    delete: os.views.delete.handler(({ input }) =>
      actions.change('views.delete', viewOf(input.name), () => {
        views.delete(input.name)
        return {}
      }),
    ),
  }
}

export function presetHandlers({ os, parts: { store }, actions }: OwnerDesk) {
  const presets = createNamedSettings<TokenPreset>(store, 'token_presets', 'preset')
  const presetOf = (name: string) => subjectIn(presets, name, presetFields)

  return {
    list: os.presets.list.handler(() => presets.list()),
    save: os.presets.save.handler(({ input }) =>
      actions.change('presets.save', presetOf(input.name), () => {
        presets.save(input)
        return {}
      }),
    ),
    delete: os.presets.delete.handler(({ input }) =>
      actions.change('presets.delete', presetOf(input.name), () => {
        presets.delete(input.name)
        return {}
      }),
    ),
  }
}

/** Returns what an action on a named entry is logged as, with what it can change. */
function subjectIn<T extends { name: string }>(
  entries: NamedSettings<T>,
  name: string,
  fieldsOf: (entry: T) => Fields,
): ActionSubject {
  return {
    resource: name,
    fields: () => {
      const entry = entries.list().find((one) => one.name === name)
      return entry === undefined ? null : fieldsOf(entry)
    },
  }
}
