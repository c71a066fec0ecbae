import { invalidRequest } from '../../../contract/errors.ts'
import type { LogView } from '../../../contract/owner-api/views-api.ts'
import type { OwnerDesk } from '../owner-implementer.ts'

const SETTING = 'log_views'
const MAX_VIEWS = 100

export function viewHandlers({ os, parts: { store }, actions }: OwnerDesk) {
  const read = (): LogView[] => JSON.parse(store.read.setting(SETTING) ?? '[]') as LogView[]
  const write = (views: readonly LogView[]): void => store.write.setSetting(SETTING, JSON.stringify(views))
  const without = (name: string): LogView[] => read().filter((view) => view.name !== name)

  return {
    list: os.views.list.handler(() => read().sort((one, other) => one.name.localeCompare(other.name))),
    save: os.views.save.handler(({ input }) =>
      actions.change('views.save', { project: input.project, resource: input.name }, () => {
        const others = without(input.name)
        if (others.length >= MAX_VIEWS)
          throw invalidRequest(`There are ${MAX_VIEWS} views already. Delete one first.`, 'name')
        write([...others, input])
        return {}
      }),
    ),
    delete: os.views.delete.handler(({ input }) =>
      actions.change('views.delete', { resource: input.name }, () => {
        const others = without(input.name)
        if (others.length === read().length) throw invalidRequest('There is no view with this name.', 'name')
        write(others)
        return {}
      }),
    ),
  }
}
