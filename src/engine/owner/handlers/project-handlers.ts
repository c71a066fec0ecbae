import { projectDependents } from '../dependents.ts'
import { findProject, nameTaken } from '../find-rows.ts'
import type { OwnerDesk } from '../owner-implementer.ts'
import { passThroughId } from '../pass-through.ts'
import { projectRecord } from '../row-records.ts'

export function projectHandlers({ os, parts, actions }: OwnerDesk) {
  const { store, access } = parts
  const activeTokens = (project: string) => access.tokens(project).filter((one) => one.status === 'active').length
  const projectOf = (name: string) => projectRecord(store, findProject(store, name, 'name'), activeTokens(name))

  return {
    list: os.projects.list.handler(() =>
      store.read.projects().map((row) => projectRecord(store, row, activeTokens(row.name))),
    ),
    get: os.projects.get.handler(({ input }) => projectOf(input.name)),
    create: os.projects.create.handler(({ input }) =>
      actions.change('projects.create', { project: input.name }, () => {
        if (store.read.project(input.name) !== null) nameTaken('project', input.name)
        store.write.createProject(input.name, parts.clock.now())
        return projectOf(input.name)
      }),
    ),
    update: os.projects.update.handler(({ input }) =>
      actions.change('projects.update', { project: input.name }, () => {
        const row = findProject(store, input.name, 'name')
        const { mode = row.mode, pass_through: passThrough = row.pass_through } = input
        store.write.setProjectMode(row.id, {
          mode,
          passThroughId: passThrough === null ? null : passThroughId(store, row, passThrough),
        })
        return projectOf(input.name)
      }),
    ),
    delete: os.projects.delete.handler(({ input }) =>
      actions.runRevocation('projects.delete', { project: input.name }, () => {
        const { id } = findProject(store, input.name, 'name')
        const ended = access.endProject(input.name)
        store.write.deleteProject(id)
        return ended
      }),
    ),
    dependents: os.projects.dependents.handler(({ input }) => projectDependents(parts, input.name)),
  }
}
