import { invalidRequest, type HallpassError } from './errors.ts'
import { grantSchema, ROLES } from './grants.ts'
import type { Grant, Role } from './grants.ts'

const FORMAT = 'role:editor,connection:sales[,table:Orders][,tool:search_*][,path:/listings/*]'
const LISTS: ReadonlyMap<string, 'tables' | 'tools' | 'paths'> = new Map([
  ['table', 'tables'],
  ['tool', 'tools'],
  ['path', 'paths'],
])

/**
 * Parses a command-line binding, `role:editor,connection:sales[,table:Orders][,tool:search_*][,path:/v1/*]`, into a
 * grant. Table, tool and path can be repeated. Throws INVALID_REQUEST and names the invalid part.
 */
export function parseBinding(text: string): Grant {
  const once = new Map<string, string>()
  const lists = new Map<'tables' | 'tools' | 'paths', string[]>()
  for (const part of text.split(',')) {
    const colon = part.indexOf(':')
    const key = part.slice(0, Math.max(colon, 0)).trim()
    const value = part.slice(colon + 1).trim()
    if (colon === -1) throw invalidBinding(text, `"${part}" must be KEY:VALUE`)
    if (value === '') throw invalidBinding(text, `"${part}" needs a value`)
    const list = LISTS.get(key)
    if (list !== undefined) {
      lists.set(list, [...(lists.get(list) ?? []), value])
    } else if (key === 'role' || key === 'connection') {
      if (once.has(key)) throw invalidBinding(text, `${key} can be given only once`)
      once.set(key, value)
    } else {
      throw invalidBinding(text, `unknown key "${key}". Use role, connection, table, tool or path`)
    }
  }
  const role = once.get('role')
  const connection = once.get('connection')
  if (role === undefined) throw invalidBinding(text, 'add role:viewer, role:editor or role:admin')
  if (connection === undefined) throw invalidBinding(text, 'add connection:NAME')
  if (!isRole(role)) throw invalidBinding(text, `unknown role "${role}". Use viewer, editor or admin`)
  if (lists.get('tables')?.includes('*') === true) throw invalidBinding(text, 'leave out table to include all tables')
  const grant = grantSchema.safeParse({ connection, permissions: [...ROLES[role]], ...Object.fromEntries(lists) })
  if (grant.success) return grant.data
  const [issue] = grant.error.issues
  throw invalidBinding(text, `${String(issue?.path[0] ?? 'it')} ${issue?.message ?? 'is malformed'}`)
}

function isRole(word: string): word is Role {
  return Object.hasOwn(ROLES, word)
}

function invalidBinding(text: string, why: string): HallpassError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  return invalidRequest(`Invalid binding "${shown}": ${why}. Format: ${FORMAT}`, 'grants')
}
