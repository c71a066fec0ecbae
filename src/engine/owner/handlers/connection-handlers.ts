import {
  createConnection,
  deleteConnection,
  excludeConnection,
  includeConnection,
  listTables,
  replaceSecret,
  testConnection,
} from '../connections/connection-actions.ts'
import { configOf, previewConnectionUpdate, updateConnection } from '../connections/connection-update.ts'
import { connectionFields } from '../changes/changed-fields.ts'
import { connectionAccess } from '../connections/connection-access.ts'
import { connectionDependents } from '../dependents.ts'
import { findConnection, findProject } from '../find-rows.ts'
import { renameConnection } from '../rename-actions.ts'
import { mcpHandlers } from './mcp-handlers.ts'
import type { ActionSubject } from '../owner-actions.ts'
import { signalOf, type OwnerDesk } from '../owner-implementer.ts'
import { connectionRecord, connectionRecords } from '../row-records.ts'

export function connectionHandlers(desk: OwnerDesk) {
  const { os, parts, actions } = desk
  const { store } = parts
  const subject = ({ name, new_name: newName = name }: { name: string; new_name?: string }): ActionSubject => ({
    connection: name,
    fields: (moment) => connectionFields(parts, moment === 'after' ? newName : name),
  })
  const updateSubject = ({ name, set }: { name: string; set: { name?: string | undefined } }): ActionSubject => ({
    ...subject({ name, new_name: set.name ?? name }),
    resource: Object.keys(set).join(','),
  })
  return {
    ...mcpHandlers(desk),
    ...httpHandlers(desk),
    list: os.connections.list.handler(({ input }) => {
      const rows = store.read.connections(
        input.project === undefined ? undefined : findProject(store, input.project).id,
      )
      return connectionRecords(parts, rows)
    }),
    get: os.connections.get.handler(({ input }) => connectionRecord(parts, findConnection(store, input.name))),
    create: os.connections.create.handler(({ input }) =>
      actions.change('connections.create', { ...subject(input), project: input.project ?? null }, () =>
        createConnection(parts, input),
      ),
    ),
    config: os.connections.config.handler(({ input }) => configOf(parts, findConnection(store, input.name))),
    previewUpdate: os.connections.previewUpdate.handler(({ input }) => previewConnectionUpdate(parts, input)),
    update: os.connections.update.handler(({ input }) =>
      actions.change('connections.update', updateSubject(input), () => updateConnection(parts, input)),
    ),
    access: os.connections.access.handler(({ input }) => connectionAccess(parts, input.name)),
    replaceSecret: os.connections.replaceSecret.handler(({ input }) =>
      actions.change('connections.replaceSecret', subject(input), () => replaceSecret(parts, input)),
    ),
    rename: os.connections.rename.handler(({ input }) =>
      actions.change('connections.rename', subject(input), () => renameConnection(parts, input)),
    ),
    delete: os.connections.delete.handler(({ input }) =>
      actions.runRevocation('connections.delete', subject(input), () => deleteConnection(parts, input.name)),
    ),
    include: os.connections.include.handler(({ input }) =>
      actions.change('connections.include', { ...subject(input), project: input.project }, () =>
        includeConnection(parts, input),
      ),
    ),
    exclude: os.connections.exclude.handler(({ input }) =>
      actions.runRevocation('connections.exclude', { ...subject(input), project: input.project }, () =>
        excludeConnection(parts, input),
      ),
    ),
    test: os.connections.test.handler(({ input }) => testConnection(parts, input.name)),
    tables: os.connections.tables.handler(({ input, signal }) => listTables(parts, input.name, signalOf(signal))),
    dependents: os.connections.dependents.handler(({ input }) => connectionDependents(parts, input)),
  }
}

/** Handlers for connections of kind http. */
function httpHandlers({ os, parts, actions }: OwnerDesk) {
  const { http } = parts.connectors
  return {
    http: os.connections.http.handler(({ input }) => http.details(input.name)),
    inspectOpenapi: os.connections.inspectOpenapi.handler(({ input, signal }) => http.inspect(input, signalOf(signal))),
    refreshOpenapi: os.connections.refreshOpenapi.handler(({ input, signal }) =>
      actions.change('connections.refreshOpenapi', { connection: input.name }, () =>
        http.refresh(input.name, { ids: input.operations, tags: input.tags }, signalOf(signal)),
      ),
    ),
  }
}
