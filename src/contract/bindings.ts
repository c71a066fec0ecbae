import { HallpassError } from './errors.ts'
import { grantSchema, ROLES } from './grants.ts'
import type { Grant, Role } from './grants.ts'

const FORM = 'role:editor,connection:sales[,table:Orders][,tool:search_*][,path:/v1/listings/*]'
const LISTS: ReadonlyMap<string, 'tables' | 'tools' | 'paths'> = new Map([
  ['table', 'tables'],
  ['tool', 'tools'],
  ['path', 'paths'],
])

/**
 * A binding as the command line takes it, `role:editor,connection:sales[,table:Orders][,tool:search_*][,path:/v1/*]`, as a
 * grant. Table, tool and path may be repeated. INVALID_REQUEST names the part at fault.
 */
export function parseBinding(text: string): Grant {
  const once = new Map<string, string>()
  const lists = new Map<'tables' | 'tools' | 'paths', string[]>()
  for (const part of text.split(',')) {
    const colon = part.indexOf(':')
    const key = part.slice(0, Math.max(colon, 0)).trim()
    const value = part.slice(colon + 1).trim()
    if (colon === -1) throw refused(text, `“${part}” is not of the form word:value`)
    if (value === '') throw refused(text, `“${part}” has no value`)
    const list = LISTS.get(key)
    if (list !== undefined) {
      lists.set(list, [...(lists.get(list) ?? []), value])
    } else if (key === 'role' || key === 'connection') {
      if (once.has(key)) throw refused(text, `“${part}” gives ${key} a second time`)
      once.set(key, value)
    } else {
      throw refused(text, `“${key}” is none of role, connection, table, tool and path`)
    }
  }
  const role = once.get('role')
  const connection = once.get('connection')
  if (role === undefined) throw refused(text, 'role is missing')
  if (connection === undefined) throw refused(text, 'connection is missing')
  if (!isRole(role)) throw refused(text, `“role:${role}” is not a role; give any of ${Object.keys(ROLES).join(', ')}`)
  if (lists.get('tables')?.includes('*') === true)
    throw refused(text, '“table:*” is not needed: leave table out for all tables')
  const grant = grantSchema.safeParse({ connection, permissions: [...ROLES[role]], ...Object.fromEntries(lists) })
  if (grant.success) return grant.data
  const [issue] = grant.error.issues
  throw refused(text, `${String(issue?.path[0] ?? 'it')} ${issue?.message ?? 'is malformed'}`)
}

function isRole(word: string): word is Role {
  return Object.hasOwn(ROLES, word)
}

function refused(text: string, why: string): HallpassError {
  const shown = text.length > 120 ? `${text.slice(0, 120)}…` : text
  return new HallpassError('INVALID_REQUEST', `Binding “${shown}”: ${why}. The form is ${FORM}.`)
}
