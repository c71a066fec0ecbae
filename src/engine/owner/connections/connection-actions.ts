import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { HallpassError, invalidRequest } from '../../../contract/errors.ts'
import type { ConnectionConfig } from '../../../contract/owner-api/connections-api.ts'
import type { ConnectionRecord } from '../../../contract/records.ts'
import type { Ended } from '../../access/access.ts'
import type { TriedConnection } from '../../connections/connectors.ts'
import type { Secret } from '../../secrets/secret.ts'
import { storableConfig, storedConfig } from './connection-config.ts'
import { offerSecret, type OfferedSecret, type SecretInput } from './connection-secret.ts'
import { findConnection, findProject, nameTaken } from '../find-rows.ts'
import type { OwnerOutputs, OwnerParts } from '../owner-parts.ts'
import { requireOnlyServer } from '../pass-through.ts'
import { connectionRecord } from '../row-records.ts'

const TABLES_TIMEOUT_MS = 20_000

interface NewConnectionInput {
  name: string
  project?: string | undefined
  config: ConnectionConfig
  secret?: SecretInput | undefined
}

/** Creates a connection. It is tested first and then stored completely or not at all. */
export async function createConnection(parts: OwnerParts, input: NewConnectionInput): Promise<ConnectionRecord> {
  const { store, secrets, clock } = parts
  const project = input.project === undefined ? null : findProject(store, input.project)
  if (store.read.connection(input.name) !== null) nameTaken('connection', input.name)
  const config = storableConfig(input.config)
  if (config.kind === 'sqlite' && input.secret !== undefined) {
    throw invalidRequest("SQLite connections don't use a secret.", 'secret')
  }
  const passThrough = config.kind === 'mcp' && config.pass_through === true
  if (passThrough && project === null)
    throw invalidRequest('Pass-through needs a project. Set project.', 'config.pass_through', {
      reason: 'project_missing',
    })
  const account = randomUUID()
  const offered = input.secret === undefined ? null : await offerSecret(secrets, input.secret, account)
  const { latency, tried } = await checkConnection(parts, config, offered?.secret)
  return keepSecret(offered, (location) => {
    if (passThrough && project !== null) requireOnlyServer(store, project, input.name)
    const row = store.write.createConnection(
      {
        name: input.name,
        kind: config.kind,
        config: storedConfig(tried.config),
        secret_location: location,
        secret_account: account,
        created_at: clock.now(),
      },
      project === null ? undefined : { projectId: project.id, passThrough },
    )
    try {
      tried.stored(row.name)
    } catch (thrown) {
      store.write.deleteConnection(row.id)
      throw thrown
    }
    if (tried.problem === null) parts.health.answered(row.id, latency)
    else parts.health.down(row.id, tried.problem)
    return connectionRecord(parts, row)
  })
}

/** Tests a configuration that isn't stored yet. Returns the result and how long it took, in milliseconds. */
export async function checkConnection(
  { connectors, clock }: OwnerParts,
  config: ConnectionConfig,
  secret?: Secret,
): Promise<{ tried: TriedConnection; latency: number }> {
  const start = clock.monotonic()
  const tried = await connectors.check(config, secret)
  return { tried, latency: clock.monotonic() - start }
}

/** Replaces the secret after testing the new one. The old one stays in use until then. */
export async function replaceSecret(
  parts: OwnerParts,
  input: { name: string; secret: SecretInput },
): Promise<ConnectionRecord> {
  const { store, secrets, connectors, health } = parts
  const row = findConnection(store, input.name)
  if (row.kind === 'sqlite') throw invalidRequest("SQLite connections don't use a secret.", 'secret')
  const account = randomUUID()
  const offered = await offerSecret(secrets, input.secret, account)
  const { latency, tried } = await checkConnection(parts, row.config as ConnectionConfig, offered.secret)
  const replaced = await keepSecret(offered, (location) => {
    // It was tested at an address that may have changed, and must not be sent to another one.
    const now = store.read.connections().find(({ id }) => id === row.id)
    if (now !== undefined && !isDeepStrictEqual(now.config, row.config))
      throw invalidRequest(
        `Connection "${row.name}" changed while the new secret was being tested. Try again.`,
        'name',
        {
          reason: 'changed',
        },
      )
    const old = store.write.replaceSecret(row.id, location, account, parts.clock.now())
    if (old === null)
      throw invalidRequest(`Connection "${row.name}" was deleted while the new secret was being tested.`, 'name')
    return old
  })
  if (tried.problem === null) health.answered(row.id, latency)
  else health.down(row.id, tried.problem)
  await connectors.forget(row.id)
  if (replaced.secret_location !== null) await secrets.forget(replaced.secret_location, replaced.secret_account)
  return connectionRecord(parts, findConnection(store, input.name))
}

/** Stores a secret that isn't stored yet, and drops it again if `write` throws. */
export async function keepSecret<T>(offered: OfferedSecret | null, write: (location: string | null) => T): Promise<T> {
  const location = offered === null ? null : await offered.keep()
  try {
    return write(location)
  } catch (thrown) {
    await offered?.drop()
    throw thrown
  }
}

/**
 * Ends everything that uses the connection, deletes its secret and then the connection. If the keychain can't delete the secret, the
 * connection stays.
 */
export async function deleteConnection(parts: OwnerParts, name: string): Promise<Ended> {
  const { store, access, connectors, health, secrets } = parts
  const { id } = findConnection(store, name)
  const ended = await access.endConnection(name)
  for (;;) {
    const row = store.read.connections().find((one) => one.id === id)
    if (row === undefined) throw invalidRequest('This connection has been deleted.', 'name')
    if (row.secret_location !== null) await secrets.forget(row.secret_location, row.secret_account)
    if (store.write.deleteUnusedConnection(id, row.secret_account)) break
    // Another secret was stored while the keychain deleted this one, or a project added the connection again.
    const again = await access.endConnection(name)
    ended.sessions_ended += again.sessions_ended
    ended.requests_cut += again.requests_cut
  }
  health.forget(id)
  await connectors.forget(id)
  return ended
}

export function includeConnection(
  parts: OwnerParts,
  input: { name: string; project: string },
): Promise<ConnectionRecord> {
  const { store } = parts
  const row = findConnection(store, input.name)
  const project = findProject(store, input.project)
  if (store.write.include(project.id, row.id)) return connectionRecord(parts, row)
  throw invalidRequest(
    `Project "${project.name}" or connection "${row.name}" was deleted elsewhere at the same time.`,
    'name',
  )
}

export async function excludeConnection(parts: OwnerParts, input: { name: string; project: string }): Promise<Ended> {
  const { store, access } = parts
  const row = findConnection(store, input.name)
  const project = findProject(store, input.project)
  if (!store.read.includes(project.id, row.id)) {
    throw invalidRequest(`Connection "${row.name}" isn't in project "${project.name}".`, 'name')
  }
  return access.endConnection(row.name, project.name)
}

/** Tests the connection the way a request would use it. Returns problems instead of throwing them. */
export async function testConnection(parts: OwnerParts, name: string): Promise<OwnerOutputs['connections']['test']> {
  const { id, secret_location: secret } = findConnection(parts.store, name)
  const start = parts.clock.monotonic()
  const took = () => parts.clock.monotonic() - start
  try {
    await parts.connectors.test(name)
    parts.health.answered(id, took())
    return {
      ok: true,
      message: secret === null ? 'It responded.' : 'Credentials accepted.',
      latency_ms: Math.round(took()),
    }
  } catch (thrown) {
    if (!(thrown instanceof HallpassError)) throw thrown
    parts.health.down(id, thrown.message)
    return { ok: false, message: thrown.message, latency_ms: Math.round(took()) }
  }
}

/** Lists the tables to choose from. Not counted as use of the connection, because no token is involved. */
export async function listTables(
  { store, connectors, health, clock }: OwnerParts,
  name: string,
  signal: AbortSignal,
): Promise<string[]> {
  const { id, kind } = findConnection(store, name)
  if (kind !== 'grist' && kind !== 'sqlite')
    throw invalidRequest(`"${name}" isn't a document, so it has no tables.`, 'name')
  const { connector, context } = connectors.open(name)
  const start = clock.monotonic()
  try {
    const { tables } = await connector.call(
      'list_tables',
      {},
      context(AbortSignal.any([signal, AbortSignal.timeout(TABLES_TIMEOUT_MS)])),
    )
    health.answered(id, clock.monotonic() - start)
    return tables
  } catch (thrown) {
    if (thrown instanceof HallpassError && !signal.aborted) health.failed(id, thrown)
    throw thrown
  }
}
