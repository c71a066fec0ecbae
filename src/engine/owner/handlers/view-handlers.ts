import type { TokenPreset } from '../../../contract/owner-api/presets-api.ts'
import { createNamedSettings, logViews } from '../named-settings.ts'
import type { OwnerDesk } from '../owner-implementer.ts'

export function viewHandlers({ os, parts: { store }, actions }: OwnerDesk) {
  const views = logViews(store)

  return {
    list: os.views.list.handler(() => views.list()),
    save: os.views.save.handler(({ input }) =>
      actions.change('views.save', { project: input.project, resource: input.name }, () => {
        views.save(input)
        return {}
      }),
    ),
    delete: os.views.delete.handler(({ input }) =>
      actions.change('views.delete', { resource: input.name }, () => {
        views.delete(input.name)
        return {}
      }),
    ),
  }
}

export function presetHandlers({ os, parts: { store }, actions }: OwnerDesk) {
  const presets = createNamedSettings<TokenPreset>(store, 'token_presets', 'preset')

  return {
    list: os.presets.list.handler(() => presets.list()),
    save: os.presets.save.handler(({ input }) =>
      actions.change('presets.save', { resource: input.name }, () => {
        presets.save(input)
        return {}
      }),
    ),
    delete: os.presets.delete.handler(({ input }) =>
      actions.change('presets.delete', { resource: input.name }, () => {
        presets.delete(input.name)
        return {}
      }),
    ),
  }
}
