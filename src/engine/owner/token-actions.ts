import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import type { ConnectionKind, TokenRecord } from '../../contract/records.ts'
import { decide } from '../access/decide.ts'
import type { Demand } from '../access/principal.ts'
import { proxyUrl } from '../../contract/proxy-documentation.ts'
import { parseDuration } from '../access/tokens/time-to-live.ts'
import { tokenFields } from './changes/changed-fields.ts'
import type { ActionSubject } from './owner-actions.ts'
import { findConnection, findProject, unknownName } from './find-rows.ts'
import type { OwnerOutputs, OwnerParts } from './owner-parts.ts'
import type { Permission } from '../../contract/grants.ts'

export async function getToken(
  parts: OwnerParts,
  input: { project: string; name: string },
  field = 'name',
): Promise<TokenRecord> {
  findProject(parts.store, input.project)
  const tokens = await parts.access.tokens(input.project)
  return (
    tokens.find((one) => one.name === input.name) ??
    unknownName(
      field,
      'token',
      input.name,
      tokens.map((one) => one.name),
      ` in project "${input.project}"`,
    )
  )
}

/** Returns what an action on a token is logged as, with what it can change. */
export function tokenSubject(
  parts: Pick<OwnerParts, 'store'>,
  { project, name, new_name: newName = name }: { project: string; name: string; new_name?: string },
): ActionSubject {
  return {
    project,
    resource: name,
    fields: (moment) => tokenFields(parts, project, moment === 'after' ? newName : name),
  }
}

interface OwnerSessionInput {
  project: string
  document: string
  permissions: Permission[]
  ttl?: string | undefined
  resources?: string[] | undefined
  label?: string | undefined
  max_requests?: number | undefined
}

export async function mintSession(
  parts: OwnerParts,
  input: OwnerSessionInput,
): Promise<OwnerOutputs['sessions']['mint']> {
  findProject(parts.store, input.project)
  const { kind } = findConnection(parts.store, input.document, 'document')
  const { token, record } = await parts.access.mintOwnerSession({
    project: input.project,
    connection: input.document,
    permissions: input.permissions,
    ...(input.ttl === undefined ? {} : { ttlSeconds: parseDuration(input.ttl) }),
    ...(input.resources === undefined ? {} : { resources: input.resources }),
    ...(input.label === undefined ? {} : { label: input.label }),
    ...(input.max_requests === undefined ? {} : { maxRequests: input.max_requests }),
  })
  const base = parts.status().url
  return { session: record, token, base_url: base, proxy_url: proxyUrl(base, input.document, kind) }
}

/** Returns whether the token's grants allow a permission on a connection, or on one table, tool or path of it. */
export async function tokenMay(
  parts: OwnerParts,
  input: { project: string; name: string; connection: string; permission: Permission; resource?: string | undefined },
): Promise<OwnerOutputs['tokens']['may']> {
  const { grants, name } = await getToken(parts, input)
  const { kind } = findConnection(parts.store, input.connection, 'connection')
  const { connection, permission, resource } = input
  const demand = { connection, permission, ...(resource === undefined ? {} : resourceDemand(kind, resource)) }
  const decision = decide(grants, demand, `token "${name}"`)
  return decision.allowed
    ? { allowed: true, grant: decision.grant, problem: null }
    : { allowed: false, grant: null, problem: decision.sentence }
}

function resourceDemand(kind: ConnectionKind, resource: string): Pick<Demand, 'table' | 'tool' | 'path'> {
  if (kind === 'grist' || kind === 'sqlite') return { table: resource }
  return kind === 'http' && resource.startsWith('/') ? { path: resource } : { tool: resource }
}

const MAX_OVERLAP_SECONDS = 7 * 86_400

/** Returns how long the old secret works after a rotation. */
export function overlapSeconds(text: string): number {
  let seconds: number
  try {
    seconds = parseDuration(text)
  } catch (thrown) {
    throw thrown instanceof HallpassError ? thrown.reworded(thrown.message, { field: 'overlap' }) : thrown
  }
  if (seconds <= MAX_OVERLAP_SECONDS) return seconds
  throw invalidRequest('The old secret can work for 7 more days at most.', 'overlap')
}
