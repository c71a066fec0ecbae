import type { TokenPreset } from '../../../contract/owner-api/presets-api.ts'
import type { LogView } from '../../../contract/owner-api/views-api.ts'
import type { McpToolRecord } from '../../../contract/upstreams/mcp-connection.ts'
import { ownAnswerChars } from '../../access/tokens/access-records.ts'
import { describeGrant } from '../../access/describe-decision.ts'
import { isSecretReference } from '../../mcp-upstreams/value-references.ts'
import type { ConnectionRow, ProjectRow, TokenRow } from '../../store/rows.ts'
import type { OwnerParts } from '../owner-parts.ts'
import type { Fields, FieldValue } from './owner-change.ts'

type Parts = Pick<OwnerParts, 'store' | 'settings'>

export function tokenFields({ store }: Pick<Parts, 'store'>, project: string, name: string): Fields | null {
  const owner = store.read.project(project)
  const row = owner === null ? null : store.read.token(owner.id, name)
  return row === null ? null : fieldsOfToken(row)
}

function fieldsOfToken(row: TokenRow): Fields {
  return {
    name: row.name,
    kind: row.kind,
    description: textOf(row.description),
    grants: row.grants.map(describeGrant),
    rate: row.rate,
    ...flat('budget', row.budget),
    mode: row.mode,
    answer_chars: ownAnswerChars(row.answer_chars),
    expires_at: instantOf(row.expires_at),
    paused: row.paused === 1,
    prefix: row.prefix,
    revoked_at: instantOf(row.revoked_at),
  }
}

export function connectionFields({ store }: Pick<Parts, 'store'>, name: string): Fields | null {
  const row = store.read.connection(name)
  return row === null ? null : { ...fieldsOfConnection(row), projects: store.read.projectsOf(row.id) }
}

function fieldsOfConnection({ config, ...row }: ConnectionRow): Fields {
  const { kind: _kind, ...settings } = config
  return {
    name: row.name,
    kind: row.kind,
    description: textOf(row.description),
    paused: row.paused,
    secret: row.secret_location,
    secret_set_at: instantOf(row.secret_set_at),
    ...withoutSecrets(flat('config', settings)),
  }
}

/** Hides what the owner may have typed as plain text although it is secret. Arguments of a command can contain passwords. */
function withoutSecrets(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      const isPlain = typeof value === 'string' && /^config\.(?:env|headers)\./.test(name) && !isSecretReference(value)
      return [name, isPlain || name === 'config.args' ? { hidden: JSON.stringify(value) } : value]
    }),
  )
}

export function projectFields({ store }: Pick<Parts, 'store'>, name: string): Fields | null {
  const row = store.read.project(name)
  return row === null ? null : fieldsOfProject(store, row)
}

function fieldsOfProject(store: Parts['store'], { id, created_at: _created, ...row }: ProjectRow): Fields {
  return {
    ...flat('', {
      ...row,
      answer_chars: ownAnswerChars(row.answer_chars),
      payloads_until: instantOf(row.payloads_until),
    }),
    connections: store.read.connections(id).map(({ name }) => name),
  }
}

export function settingsFields({ settings }: Pick<Parts, 'settings'>): Fields {
  return flat('', settings.current)
}

/** Returns what the owner decides about tools of an MCP server. */
export function toolFields(tools: readonly McpToolRecord[], names: readonly string[]): Fields {
  const chosen = new Set(names)
  return Object.fromEntries(
    tools
      .filter(({ name }) => chosen.has(name))
      .flatMap(({ name, state, enabled, permission }) => [
        [`tool ${name}: state`, state],
        [`tool ${name}: enabled`, enabled],
        [`tool ${name}: permission`, permission],
      ]),
  )
}

export function viewFields({ project, filter }: LogView): Fields {
  return { project, ...flat('filter', filter) }
}

export function presetFields({ grants, by_kind: byKind, ttl, rate, budget }: TokenPreset): Fields {
  return { grants: grants.map(describeGrant), ...flat('by_kind', byKind), ttl, rate, ...flat('budget', budget ?? {}) }
}

/** Prefix of the fields of one token in `allFields`. Names can contain dots, but no colon. */
export function tokenPrefix(project: string, name: string): string {
  return `token ${project}/${name}: `
}

/** Returns the fields of everything that a configuration file can change. */
export function allFields(parts: Parts): Fields {
  const { store } = parts
  const all: Record<string, FieldValue> = {}
  const add = (prefix: string, fields: Fields): void => {
    for (const [name, value] of Object.entries(fields)) all[`${prefix}${name}`] = value
  }
  add('settings.', settingsFields(parts))
  for (const row of store.read.connections()) add(`connection ${row.name}.`, fieldsOfConnection(row))
  for (const project of store.read.projects()) {
    add(`project ${project.name}.`, fieldsOfProject(store, project))
    for (const row of store.read.tokens(project.id)) add(tokenPrefix(project.name, row.name), fieldsOfToken(row))
  }
  return all
}

/** Returns the parts of a value under dotted names. */
function flat(name: string, value: unknown): Fields {
  if (value === undefined) return {}
  if (value === null || typeof value !== 'object') return { [name]: value as FieldValue }
  if (Array.isArray(value))
    return { [name]: value.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))) }
  return Object.fromEntries(
    Object.entries(value).flatMap(([part, each]) => Object.entries(flat(name === '' ? part : `${name}.${part}`, each))),
  )
}

function textOf(text: string): string | null {
  return text === '' ? null : text
}

function instantOf(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString()
}
