import { isDeepStrictEqual } from 'node:util'
import type { Configuration, ProjectEntry } from '../../../contract/configuration.ts'
import { invalidRequest } from '../../../contract/errors.ts'
import { MAX_PAYLOAD_DAYS } from '../../../contract/request-details.ts'
import type { ConnectionKind } from '../../../contract/records.ts'
import { ownAnswerChars, storedAnswerChars } from '../../access/tokens/access-records.ts'
import type { ProjectRow } from '../../store/rows.ts'
import type { OwnerParts } from '../owner-parts.ts'
import { projectEntry } from './configuration-entries.ts'
import { within, type Plan } from './plan.ts'
import { planTokens } from './plan-tokens.ts'

/** Connections as they will be, by name. */
type KindsByName = ReadonlyMap<string, ConnectionKind>

/** Plans the projects of a configuration with their tokens. `kinds` has every connection that will exist. */
export function planProjects(
  parts: OwnerParts,
  wanted: NonNullable<Configuration['projects']>,
  kinds: KindsByName,
  prune: boolean,
  plan: Plan,
): void {
  const { store } = parts
  for (const [name, entry] of Object.entries(wanted)) {
    const row = store.read.project(name)
    const included = within(`projects.${name}`, () => planProject(parts, name, row, entry, kinds, prune, plan))
    planTokens(
      parts,
      { name, row, included: included.map((each) => ({ name: each, kind: kinds.get(each) ?? 'http' })) },
      entry,
      prune,
      plan,
    )
  }
  if (!prune) return
  for (const row of store.read.projects()) {
    if (Object.hasOwn(wanted, row.name)) continue
    plan.changes.push({
      action: 'delete',
      kind: 'project',
      name: row.name,
      before: { ...projectEntry(parts, row) },
      after: null,
    })
    plan.writes.projects.deleted.push(row.id)
    plan.deletedTokens.push(...store.read.tokens(row.id))
  }
}

/** Plans one project and returns the connections that it will include. */
function planProject(
  parts: OwnerParts,
  name: string,
  row: ProjectRow | null,
  entry: ProjectEntry,
  kinds: KindsByName,
  prune: boolean,
  plan: Plan,
): string[] {
  const { store, clock } = parts
  const { projects } = plan.writes
  const before = row === null ? null : projectEntry(parts, row)
  const wanted = entry.connections ?? []
  const unknown = wanted.findIndex((each) => !kinds.has(each))
  if (unknown !== -1)
    throw invalidRequest(
      `Connection "${wanted[unknown]}" is neither in the file nor in Hallpass.`,
      `connections.${unknown}`,
    )
  const stored = (before?.connections ?? []).filter((each) => kinds.has(each))
  const isReplaced = prune && entry.connections !== undefined
  const included = isReplaced ? [...new Set(wanted)] : [...new Set([...stored, ...wanted])]
  const mode = entry.mode ?? row?.mode ?? 'all'
  const kept =
    row?.pass_through !== null && row !== null && included.includes(row.pass_through) ? row.pass_through : null
  const passThrough = entry.pass_through === undefined ? kept : entry.pass_through
  if (passThrough !== null) requirePassThrough(passThrough, included, kinds)
  const chars = entry.answer_chars === undefined ? (row?.answer_chars ?? null) : storedAnswerChars(entry.answer_chars)
  const description = entry.description ?? row?.description ?? ''
  const pinned = entry.pinned ?? row?.pinned ?? false
  const stays = before?.payloads_until ?? null
  const until = entry.payloads_until === undefined ? stays : recordedUntil(entry.payloads_until, clock.now())
  const after = {
    description,
    pinned,
    payloads_until: until,
    mode,
    pass_through: passThrough,
    answer_chars: ownAnswerChars(chars),
    connections: included.toSorted(),
  }
  if (row === null) projects.created.push({ name, created_at: clock.now() })
  for (const each of included)
    if (!(before?.connections ?? []).includes(each)) projects.included.push({ project: name, connection: each })
  for (const each of isReplaced && row !== null ? stored : []) {
    const connection = store.read.connection(each)
    if (row !== null && connection !== null && !included.includes(each))
      projects.excluded.push({ projectId: row.id, connectionId: connection.id })
  }
  const isDefault =
    mode === 'all' && passThrough === null && chars === null && description === '' && !pinned && until === null
  const payloads =
    until === stays ? undefined : until === null ? null : { since: clock.now(), until: Date.parse(until) }
  if (row !== null || !isDefault)
    projects.updated.push({ project: name, mode, passThrough, answer_chars: chars, description, pinned, payloads })
  if (before === null) plan.changes.push({ action: 'create', kind: 'project', name, before: null, after })
  else if (!isDeepStrictEqual({ ...before, connections: before.connections?.toSorted() }, after))
    plan.changes.push({ action: 'update', kind: 'project', name, before: { ...before }, after })
  return included
}

function requirePassThrough(name: string, included: readonly string[], kinds: KindsByName): void {
  if (!included.includes(name))
    throw invalidRequest(`Connection "${name}" isn't among the project's connections.`, 'pass_through')
  if (kinds.get(name) !== 'mcp')
    throw invalidRequest(`Pass-through only works for MCP servers, and "${name}" isn't one.`, 'pass_through')
  const other = included.find((each) => each !== name && kinds.get(each) === 'mcp')
  if (other !== undefined)
    throw invalidRequest(
      `The project has another MCP server, "${other}", which pass-through would hide. Use a separate project for "${name}".`,
      'pass_through',
    )
}

/** Returns the end of recording as an export has it. Null if it is over or off. */
function recordedUntil(given: string | null, now: number): string | null {
  const until = given === null ? 0 : Date.parse(given)
  if (until <= now) return null
  if (until > now + MAX_PAYLOAD_DAYS * DAY_MS)
    throw invalidRequest(
      `Payloads can be recorded for at most ${MAX_PAYLOAD_DAYS} days. Use an earlier time.`,
      'payloads_until',
    )
  return new Date(until).toISOString()
}

const DAY_MS = 86_400_000
