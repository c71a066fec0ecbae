import { randomUUID } from 'node:crypto'
import { HallpassError } from '../../contract/errors.ts'
import type { ConnectionConfig } from '../../contract/owner-api.ts'
import type { ConnectionRecord } from '../../contract/records.ts'
import type { Ended } from '../access/access.ts'
import { storableConfig, storedConfig } from './connection-config.ts'
import { offerSecret, type OfferedSecret, type SecretInput } from './connection-secret.ts'
import { findConnection, findProject, nameTaken } from './find-rows.ts'
import type { OwnerOutputs, OwnerParts } from './owner-parts.ts'
import { connectionRecord } from './row-records.ts'

interface NewConnectionInput { name: string; project?: string | undefined; config: ConnectionConfig; secret?: SecretInput | undefined }

/** Makes a connection: tried against its upstream first, and either whole or not there at all. */
export async function createConnection(parts: OwnerParts, input: NewConnectionInput): Promise<ConnectionRecord> {
  const { store, secrets, connectors, clock } = parts
  const project = input.project === undefined ? null : findProject(store, input.project)
  if (store.read.connection(input.name) !== null) nameTaken('connection', input.name)
  const config = storableConfig(input.config)
  if (config.kind === 'sqlite' && input.secret !== undefined) {
    throw new HallpassError('INVALID_REQUEST', 'secret: a sqlite connection is a local file and takes none.')
  }
  const account = randomUUID()
  const offered = input.secret === undefined ? null : await offerSecret(secrets, input.secret, account)
  await connectors.check(config, offered?.secret)
  return keptWhole(offered, (home) => {
    const row = store.write.createConnection({
      name: input.name, kind: config.kind, config: storedConfig(config), secret_home: home, secret_account: account, created_at: clock.now(),
    })
    try {
      if (project !== null) store.write.include(project.id, row.id)
    } catch (thrown) {
      store.write.deleteConnection(row.id)
      throw thrown
    }
    return connectionRecord(store, row)
  })
}

/** Puts a new secret in place of the old one, after it was tried; the old one stays until then. */
export async function replaceSecret(parts: OwnerParts, input: { name: string; secret: SecretInput }): Promise<ConnectionRecord> {
  const { store, secrets, connectors } = parts
  const row = findConnection(store, input.name)
  if (row.kind === 'sqlite') throw new HallpassError('INVALID_REQUEST', 'secret: a sqlite connection is a local file and takes none.')
  const account = randomUUID()
  const offered = await offerSecret(secrets, input.secret, account)
  await connectors.check({ kind: row.kind, ...row.config } as ConnectionConfig, offered.secret)
  await keptWhole(offered, (home) => store.write.setSecretHome(row.id, home, account))
  await connectors.forget(row.id)
  if (row.secret_home !== null) await secrets.forget(row.secret_home, row.secret_account)
  return connectionRecord(store, findConnection(store, input.name))
}

async function keptWhole<T>(offered: OfferedSecret | null, write: (home: string | null) => T): Promise<T> {
  const home = offered === null ? null : await offered.keep()
  try {
    return write(home)
  } catch (thrown) {
    await offered?.drop()
    throw thrown
  }
}

/** Ends all that hangs on the connection, forgets its secret, then deletes it. A keychain that refuses leaves it in place. */
export async function deleteConnection(parts: OwnerParts, name: string): Promise<Ended> {
  const { store, access, secrets, connectors } = parts
  const row = findConnection(store, name)
  const first = access.endConnection(name)
  if (row.secret_home !== null) await secrets.forget(row.secret_home, row.secret_account)
  // Sessions may have been minted while the keychain was asked; from here to the delete nothing can come between.
  const second = access.endConnection(name)
  store.write.deleteConnection(row.id)
  await connectors.forget(row.id)
  return {
    sessions_ended: first.sessions_ended + second.sessions_ended,
    requests_cut: first.requests_cut + second.requests_cut,
  }
}

export function includeConnection(parts: OwnerParts, input: { name: string; project: string }): ConnectionRecord {
  const { store } = parts
  const row = findConnection(store, input.name)
  const project = findProject(store, input.project)
  if (!store.read.includes(project.id, row.id)) store.write.include(project.id, row.id)
  return connectionRecord(store, row)
}

export function excludeConnection(parts: OwnerParts, input: { name: string; project: string }): Ended {
  const { store, access } = parts
  const row = findConnection(store, input.name)
  const project = findProject(store, input.project)
  if (!store.read.includes(project.id, row.id)) {
    throw new HallpassError('INVALID_REQUEST', `name: project “${project.name}” does not include the connection “${row.name}”.`)
  }
  const ended = access.endConnection(row.name, project.name)
  store.write.exclude(project.id, row.id)
  return ended
}

/** Tries the connection as a request would; what is wrong is a value, not an error. */
export async function testConnection(parts: OwnerParts, name: string): Promise<OwnerOutputs['connections']['test']> {
  findConnection(parts.store, name)
  const start = parts.clock.monotonic()
  const took = () => Math.round(parts.clock.monotonic() - start)
  try {
    await parts.connectors.test(name)
    return { ok: true, message: 'The upstream answered and took the credentials.', latency_ms: took() }
  } catch (thrown) {
    if (!(thrown instanceof HallpassError)) throw thrown
    return { ok: false, message: thrown.message, latency_ms: took() }
  }
}
