import type { ConnectionRecord, TokenRecord } from '../../contract/records.ts'
import { findConnection, findProject } from './find-rows.ts'
import type { OwnerParts } from './owner-parts.ts'
import { connectionRecord } from './row-records.ts'
import { getToken } from './token-actions.ts'

interface Renaming {
  name: string
  new_name: string
}

/** Renames a connection. Grants refer to it by ID, so they follow. */
export async function renameConnection(parts: OwnerParts, input: Renaming): Promise<ConnectionRecord> {
  const { store, access, connectors } = parts
  const row = findConnection(store, input.name)
  store.write.renameConnection(row.id, input.new_name)
  await access.settle({ renamedConnection: { from: row.name, to: input.new_name } })
  // Open connectors and sessions have the old name.
  await connectors.forget(row.id)
  return connectionRecord(parts, findConnection(store, input.new_name))
}

export async function renameProject({ store, access }: OwnerParts, input: Renaming): Promise<void> {
  const { id } = findProject(store, input.name, 'name')
  store.write.renameProject(id, input.new_name)
  await access.settle({ renamed: { projectId: id } })
}

export async function renameToken(parts: OwnerParts, input: Renaming & { project: string }): Promise<TokenRecord> {
  const { store, access } = parts
  const { id } = findProject(store, input.project)
  await getToken(parts, input)
  const row = store.read.token(id, input.name)
  if (row !== null) {
    store.write.renameToken(row.id, id, input.new_name)
    await access.settle({ renamed: { tokenId: row.id } })
  }
  return getToken(parts, { project: input.project, name: input.new_name })
}
