import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Configuration, ConnectionEntry } from '../../../contract/configuration.ts'
import { type HallpassError, invalidRequest } from '../../../contract/errors.ts'
import type { ConnectionConfig } from '../../../contract/owner-api/connections-api.ts'
import { plainId } from '../../http-apis/openapi/document/operations.ts'
import { completeConfig } from '../../mcp-upstreams/complete-config.ts'
import type { ConnectionRow } from '../../store/rows.ts'
import { storableConfig, storedConfig } from '../connections/connection-config.ts'
import type { OwnerParts } from '../owner-parts.ts'
import { connectionEntry, plain } from './configuration-entries.ts'
import { atPath, within, type EnteredSecret, type Plan, type SecretChoices } from './plan.ts'
import { secretMove, signsIn, type SecretMove } from './secret-destinations.ts'

/** Plans the connections of a configuration. */
export function planConnections(
  parts: OwnerParts,
  wanted: NonNullable<Configuration['connections']>,
  prune: boolean,
  choices: SecretChoices,
  plan: Plan,
): void {
  const { store } = parts
  for (const [name, entry] of Object.entries(wanted)) {
    const row = store.read.connection(name)
    within(`connections.${name}`, () =>
      row === null ? planNew(parts, name, entry, choices, plan) : planExisting(parts, row, entry, choices, plan),
    )
  }
  if (!prune) return
  for (const row of store.read.connections()) {
    if (Object.hasOwn(wanted, row.name)) continue
    plan.changes.push({
      action: 'delete',
      kind: 'connection',
      name: row.name,
      before: connectionEntry(parts, row),
      after: null,
    })
    plan.writes.connections.deleted.push(row.id)
    plan.deletedConnections.push(row)
    forgetSecret(row, plan)
  }
}

function planNew(
  { clock }: OwnerParts,
  name: string,
  entry: ConnectionEntry,
  { entered }: SecretChoices,
  plan: Plan,
): void {
  const own = enteredFor(name, entry, entered)
  const { config, secret } = parsed(entry, own !== null || (entry.kind !== 'sqlite' && entry.secret !== undefined))
  const account = own?.account ?? randomUUID()
  const isMissing = own === null && secret === 'keychain'
  const location = own !== null ? own.location : isMissing || secret === undefined ? null : secret
  if (isMissing) plan.missingSecrets.push(name)
  plan.changes.push({ action: 'create', kind: 'connection', name, before: null, after: plain(entry) })
  plan.writes.connections.created.push({
    name,
    kind: config.kind,
    config: storedConfig(config),
    secret_location: location,
    secret_account: account,
    created_at: clock.now(),
    description: entry.description ?? '',
  })
  const tools = 'tools' in entry ? (entry.tools ?? {}) : {}
  // Without its secret a connection can't be tested.
  if (!isMissing)
    plan.checks.push({ id: null, name, config, secret: own?.secret ?? secretOf(location, account), tools })
}

function planExisting(
  parts: OwnerParts,
  row: ConnectionRow,
  entry: ConnectionEntry,
  { entered, keep }: SecretChoices,
  plan: Plan,
): void {
  if (row.kind !== entry.kind)
    throw invalidRequest(
      `Connection "${row.name}" is of kind ${row.kind}, which can't be changed. Use another name, or delete it first.`,
      'kind',
    )
  const own = enteredFor(row.name, entry, entered)
  const before = connectionEntry(parts, row)
  // Tokens of a sign-in can't be used as a key, or a key as a sign-in.
  const switches = signsIn(row.config) !== signsIn(entry)
  const hasSecret = 'secret' in entry || (!switches && 'secret' in before)
  const { config, secret: reference } = parsed(withDetected(entry, row, before), own !== null || hasSecret)
  const secret = own === null ? reference : 'keychain'
  const moved = secretMove(row, config)
  const signsInElsewhere = moved !== null && signsIn(config) && !('secret' in before)
  const stays =
    own === null &&
    !switches &&
    !signsInElsewhere &&
    (secret === undefined || isSameSecret(secret, row.secret_location))
  const location =
    own !== null ? own.location : stays ? row.secret_location : secret === 'keychain' ? null : (secret ?? null)
  const isMissing = own === null && secret === 'keychain' && location === null
  if (isMissing) plan.missingSecrets.push(row.name)
  const after = afterEntry(before, entry, config, switches ? (secret ?? null) : secret)
  if (own === null && isDeepStrictEqual(before, after)) return
  if (!isDeepStrictEqual(before, after))
    plan.changes.push({ action: 'update', kind: 'connection', name: row.name, before, after })
  planTools(parts, row, entry, plan)
  if (own === null && isDeepStrictEqual(withoutTools(before), withoutTools(after))) return
  // A reference in the file says where its secret goes. A stored one was meant for the old address.
  const isMeant = secret !== undefined && secret !== 'keychain'
  if (moved !== null && stays && !isMeant && location !== null) planMove(row.name, moved, keep, plan)
  if (signsInElsewhere && row.secret_location !== null)
    plan.warnings.push(`Connection "${row.name}" has another address now. Sign in there: hallpass sign-in ${row.name}`)
  const account = own?.account ?? (stays ? row.secret_account : randomUUID())
  plan.writes.connections.updated.push({
    id: row.id,
    ifAccount: row.secret_account,
    config: storedConfig(config),
    description: after.description ?? '',
    secret_location: location,
    secret_set_at: stays ? row.secret_set_at : location === null ? null : parts.clock.now(),
    ...(stays ? {} : { secret_account: account }),
  })
  if (!stays) forgetSecret(row, plan)
  if (row.kind === 'http' && row.config.openapi_source !== undefined && !('openapi' in after))
    plan.droppedDocuments.push(row.id)
  if (isMissing) return
  const tested = own?.secret ?? secretOf(location, account)
  plan.checks.push({ id: row.id, name: row.name, config, secret: tested, tools: {} })
}

function enteredFor(
  name: string,
  entry: ConnectionEntry,
  entered: ReadonlyMap<string, EnteredSecret>,
): EnteredSecret | null {
  const own = entered.get(name) ?? null
  if (own !== null && entry.kind === 'sqlite') throw invalidRequest("SQLite connections don't use a secret.", 'secret')
  return own
}

/** A person who sets another address, such as the author of a file, must not receive the secret there. */
function planMove(name: string, { field, from, address }: SecretMove, keep: boolean, plan: Plan): void {
  const sent = `its stored secret, which is for ${from}, to ${address}.`
  if (keep) {
    plan.warnings.push(`Connection "${name}" sends ${sent}`)
    return
  }
  const error = invalidRequest(`Connection "${name}" would send ${sent}`, field, { reason: 'secret_moves' })
  plan.movedSecrets.push(atPath(`connections.${name}`, error) as HallpassError)
}

function secretOf(location: string | null, account: string): { location: string; account: string } | null {
  return location === null ? null : { location, account }
}

/** Splits an entry into what is stored of it. Throws INVALID_REQUEST with the field. */
function parsed(entry: ConnectionEntry, hasSecret: boolean): { config: ConnectionConfig; secret: string | undefined } {
  const blank = { secret: undefined, tools: undefined, description: undefined }
  const { secret, tools: _tools, description: _description, ...rest } = { ...blank, ...entry }
  const config = storableConfig(rest as ConnectionConfig)
  if (config.kind === 'http' && config.openapi?.source !== undefined && 'text' in config.openapi.source)
    throw invalidRequest(
      "Use the URL or path of the OpenAPI document. A configuration file can't contain its text.",
      'openapi.source',
    )
  return { config: config.kind === 'mcp' ? completeConfig(config, hasSecret) : config, secret }
}

/** Fills in what a test found out about the same server, and the spelling of operations that tools use. */
function withDetected(entry: ConnectionEntry, row: ConnectionRow, before: ConnectionEntry): ConnectionEntry {
  if (entry.kind === 'mcp' && row.kind === 'mcp')
    return entry.sse === undefined && row.config.sse !== undefined && entry.url === row.config.url
      ? { ...entry, sse: row.config.sse }
      : entry
  if (entry.kind !== 'http' || before.kind !== 'http' || entry.openapi?.operations === undefined) return entry
  const known = new Set(before.openapi?.operations)
  const operations = entry.openapi.operations.map((id) => (!known.has(id) && known.has(plainId(id)) ? plainId(id) : id))
  return { ...entry, openapi: { ...entry.openapi, operations } }
}

/** Returns the entry as it would be exported afterward. */
function afterEntry(
  before: ConnectionEntry,
  entry: ConnectionEntry,
  config: ConnectionConfig,
  secret: string | null | undefined,
): ConnectionEntry {
  const { openapi_source: _source, ...stored } = plain<Record<string, unknown>>(storedConfig(config))
  const openapi = config.kind === 'http' && config.openapi !== undefined ? { openapi: config.openapi } : {}
  const kept = secret === undefined && 'secret' in before ? before.secret : (secret ?? undefined)
  const tools = 'tools' in entry ? entry.tools : 'tools' in before ? before.tools : undefined
  const description = entry.description ?? before.description ?? ''
  return plain({
    kind: entry.kind,
    ...stored,
    ...openapi,
    ...(kept === undefined ? {} : { secret: kept }),
    ...(tools === undefined || Object.keys(tools).length === 0 ? {} : { tools }),
    ...(description === '' ? {} : { description }),
  })
}

function withoutTools(entry: ConnectionEntry): unknown {
  return { ...entry, tools: undefined }
}

function planTools({ store, connectors }: OwnerParts, row: ConnectionRow, entry: ConnectionEntry, plan: Plan): void {
  if (entry.kind !== 'mcp' || entry.tools === undefined) return
  const stored = new Map(store.read.mcpTools(row.id).map((tool) => [tool.name, tool]))
  const known = new Set([...stored.keys(), ...connectors.mcp.tools(row.name).map(({ name }) => name)])
  for (const [name, permission] of Object.entries(entry.tools)) {
    if (!known.has(name))
      throw invalidRequest(`"${row.name}" has no tool "${name.slice(0, 80)}". Run hallpass tools ${row.name}`, 'tools')
    if (stored.get(name)?.permission === permission) continue
    plan.writes.connections.tools.push({
      connectionId: row.id,
      tool: { name, accepted: stored.get(name)?.accepted ?? null, permission },
    })
  }
  for (const tool of stored.values())
    if (tool.permission !== null && !Object.hasOwn(entry.tools, tool.name))
      plan.writes.connections.tools.push({ connectionId: row.id, tool: { ...tool, permission: null } })
}

/** Both the keychain and the vault file are `keychain` in a file. */
function isSameSecret(reference: string, location: string | null): boolean {
  return reference === location || (reference === 'keychain' && (location === 'vault' || location === null))
}

function forgetSecret({ name, secret_location: location, secret_account: account }: ConnectionRow, plan: Plan): void {
  if (location === 'keychain' || location === 'vault') plan.forgottenSecrets.push({ name, location, account })
}
