import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { HallpassError, invalidRequest } from '../../../contract/errors.ts'
import type { ConnectionConfig } from '../../../contract/owner-api/connections-api.ts'
import type { ConnectionEffects } from '../../../contract/owner-api/connection-effects.ts'
import type { ConnectionRecord } from '../../../contract/records.ts'
import type { ConnectionRow } from '../../store/rows.ts'
import { connectionEntry, plain } from '../configuration/configuration-entries.ts'
import { checkConnection, keepSecret } from './connection-actions.ts'
import { storableConfig, storedConfig } from './connection-config.ts'
import { offerSecret, type SecretInput } from './connection-secret.ts'
import { secretMove, signsIn } from '../configuration/secret-destinations.ts'
import { findConnection } from '../find-rows.ts'
import type { OwnerParts } from '../owner-parts.ts'
import { connectionRecord } from '../row-records.ts'

interface ConnectionUpdate {
  name: string
  revision: number
  set: {
    name?: string | undefined
    description?: string | undefined
    config?: ConnectionConfig | undefined
    secret?: SecretInput | undefined
    paused?: boolean | undefined
  }
}

/** Returns a connection's settings without its secret. */
export function configOf(parts: OwnerParts, row: ConnectionRow): ConnectionConfig {
  const {
    secret: _secret,
    tools: _tools,
    description: _description,
    ...config
  } = {
    secret: undefined,
    tools: undefined,
    description: undefined,
    ...connectionEntry(parts, row),
  }
  return config as ConnectionConfig
}

/** Returns what the update would do. Tests and changes nothing. */
export async function previewConnectionUpdate(parts: OwnerParts, input: ConnectionUpdate): Promise<ConnectionEffects> {
  const row = rowAt(parts, input)
  const config = newConfig(parts, row, input)
  const renamed = input.set.name !== undefined && input.set.name !== row.name
  const below = input.set.paused === true ? await parts.access.below({ connection: row.name }) : null
  return {
    tools_renamed: renamed ? toolCount(parts, row) : 0,
    secret_needed: input.set.secret === undefined ? secretNeeded(row, config) : null,
    requests_cut: below?.requests_running ?? 0,
  }
}

/** Changes a connection completely or not at all. New settings and a new secret are tested before they are stored. */
export async function updateConnection(
  parts: OwnerParts,
  input: ConnectionUpdate,
): Promise<{ connection: ConnectionRecord; effects: ConnectionEffects }> {
  const { store, secrets, clock, connectors, health } = parts
  const row = rowAt(parts, input)
  const config = newConfig(parts, row, input)
  const { secret, name = row.name, description = row.description, paused = row.paused } = input.set
  if (secret === undefined) requireSecret(row, config)
  else if (row.kind === 'sqlite') throw invalidRequest("SQLite connections don't use a secret.", 'set.secret')
  const effects = await previewConnectionUpdate(parts, input)
  const drops = secret === undefined && dropsSecret(row, config)
  const account = secret === undefined && !drops ? row.secret_account : randomUUID()
  const offered = secret === undefined ? null : await offerSecret(secrets, secret, account)
  const changed = config !== null || offered !== null
  // Only the owner's browser can sign in, so a sign-in is tested by its next use.
  const isTested = changed && !(offered === null && signsIn(config ?? row.config))
  const checked = isTested
    ? await prefixed(async () =>
        checkConnection(
          parts,
          config ?? configOf(parts, row),
          offered?.secret ?? (drops ? undefined : await storedSecret(parts, row)),
        ),
      )
    : null
  await keepSecret(offered, (location) => {
    const values = {
      name,
      description,
      paused,
      config: config === null ? withoutKind(row) : storedConfig(checked?.tried.config ?? config),
      ...(offered === null && !drops ? {} : { secret: { location, account, at: clock.now() } }),
    }
    if (!store.write.updateConnection(row.id, input.revision, values)) throw changedElsewhere(row.name)
  })
  // First, because session tokens must follow the name before anything else settles.
  if (name !== row.name) await parts.access.settle({ renamedConnection: { from: row.name, to: name } })
  if (changed || name !== row.name) await connectors.forget(row.id)
  if (checked !== null) {
    if (checked.tried.problem === null) health.answered(row.id, checked.latency)
    else health.down(row.id, checked.tried.problem)
    if (
      row.kind === 'http' &&
      row.config.openapi_source !== undefined &&
      config?.kind === 'http' &&
      config.openapi === undefined
    )
      connectors.http.dropCatalog(row.id)
    checked.tried.stored(name)
  }
  if ((offered !== null || drops) && row.secret_location !== null)
    await secrets.forget(row.secret_location, row.secret_account)
  if (paused && !row.paused) effects.requests_cut = parts.opener.interruptConnection(row.name)
  return { connection: await connectionRecord(parts, findConnection(store, name)), effects }
}

/** Returns the row. Throws INVALID_REQUEST if it isn't the one that the update is based on. */
function rowAt({ store }: OwnerParts, { name, revision }: ConnectionUpdate): ConnectionRow {
  const row = findConnection(store, name)
  if (row.revision !== revision) throw changedElsewhere(name)
  return row
}

function changedElsewhere(name: string): HallpassError {
  return invalidRequest(`Connection "${name}" has changed since you opened it. Nothing was saved.`, 'revision', {
    reason: 'changed',
  })
}

/** Returns the new settings, or null if they don't change. */
function newConfig(parts: OwnerParts, row: ConnectionRow, { set }: ConnectionUpdate): ConnectionConfig | null {
  if (set.config === undefined) return null
  if (set.config.kind !== row.kind)
    throw invalidRequest(`Connection "${row.name}" is of kind ${row.kind}, which can't be changed.`, 'set.config.kind')
  const config = storableWithin(set.config)
  const isSame = isDeepStrictEqual(plain(config), plain(configOf(parts, row)))
  return isSame ? null : config
}

function storableWithin(config: ConnectionConfig): ConnectionConfig {
  try {
    return storableConfig(config)
  } catch (thrown) {
    throw belowSet(thrown)
  }
}

async function prefixed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw belowSet(thrown)
  }
}

/** Fields of the settings are below `set` here. */
function belowSet(thrown: unknown): unknown {
  if (!(thrown instanceof HallpassError) || thrown.field === undefined) return thrown
  return thrown.reworded(thrown.message, { field: `set.${thrown.field}` })
}

/** Tokens of a sign-in can't be used as a key, a key can't be used as a sign-in, and a sign-in doesn't work at another address. */
function dropsSecret(row: ConnectionRow, config: ConnectionConfig | null): boolean {
  if (config === null || row.secret_location === null) return false
  return signsIn(row.config) !== signsIn(config) || (isSignInOnly(row.config) && secretMove(row, config) !== null)
}

/** Returns whether only the result of a sign-in is stored. A registered client has a secret that the owner entered. */
function isSignInOnly(config: ConnectionRow['config']): boolean {
  return config.kind === 'mcp' && config.oauth === true && config.oauth_client_id === undefined
}

function secretNeeded(row: ConnectionRow, config: ConnectionConfig | null): ConnectionEffects['secret_needed'] {
  const move = config === null || dropsSecret(row, config) ? null : secretMove(row, config)
  return move === null ? null : { stored_for: move.from, wanted_for: move.to }
}

/** A stored secret never reaches a host or command that the owner hasn't given it to. */
function requireSecret(row: ConnectionRow, config: ConnectionConfig | null): void {
  const needed = secretNeeded(row, config)
  if (needed === null) return
  throw invalidRequest(
    `The stored secret is for ${needed.stored_for}. Enter the secret for ${needed.wanted_for}.`,
    'set.secret',
    { reason: 'other_destination' },
  )
}

async function storedSecret({ secrets }: OwnerParts, row: ConnectionRow) {
  return row.secret_location === null
    ? undefined
    : secrets.fetch(row.secret_location, row.secret_account, { fresh: true })
}

function withoutKind({ config }: ConnectionRow): Record<string, unknown> {
  const { kind: _kind, ...rest } = config
  return rest
}

function toolCount({ connectors }: OwnerParts, row: ConnectionRow): number {
  if (row.kind === 'mcp') return connectors.mcp.tools(row.name).length
  return row.kind === 'http' ? (connectors.http.catalog(row.id)?.operations.length ?? 0) : 0
}
