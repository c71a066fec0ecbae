import { invalidRequest } from '../../contract/errors.ts'
import type { Permission } from '../../contract/grants.ts'
import type { HttpRule } from '../../contract/upstreams/http-connection.ts'
import { pathReadings, pathSegments } from '../text/resource-patterns.ts'

const READ_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

const RANK: readonly Permission[] = ['read', 'write', 'schema']

/** Returns the permission a request requires: that of the first rule that matches, otherwise `read` for methods that only read and `write` for the rest. */
export type PermissionOf = (method: string, path: string) => Permission

/** Throws INVALID_REQUEST with the rule's field if no request could match the rule's path. */
export function compileRules(rules: readonly HttpRule[] = [], field = 'config.rules'): PermissionOf {
  const compiled = rules.map((rule, index) => {
    const plain = pathSegments(rule.path)
    const segments = plain === null ? null : comparable(plain)
    const middle = segments?.slice(0, -1) ?? []
    if (segments === null || middle.includes('*')) {
      throw invalidRequest(
        `Rule ${index + 1}: invalid path. Use a path such as /listings/{id} or /admin/*`,
        `${field}.${index}.path`,
      )
    }
    return {
      methods: rule.methods === undefined ? null : new Set<string>(rule.methods),
      segments,
      permission: rule.permission,
    }
  })
  const folded = compiled.map((rule) => ({ ...rule, segments: rule.segments.map(fold) }))

  function firstMatch(from: typeof compiled, method: string, requested: readonly string[]): Permission {
    const found = from.find((rule) => (rule.methods?.has(method) ?? true) && matches(rule.segments, requested))
    return found?.permission ?? (READ_METHODS.has(method) ? 'read' : 'write')
  }

  return (method, path) => {
    const readings = compiled.length > 0 ? pathReadings(path) : null
    if (readings === null) return READ_METHODS.has(method) ? 'read' : 'write'
    return readings.map(comparable).reduce<Permission>((highest, requested) => {
      const exact = firstMatch(compiled, method, requested)
      const loose = firstMatch(folded, method, requested.map(fold))
      return higher(highest, higher(exact, loose))
    }, 'read')
  }
}

/**
 * Some servers treat /Admin and /admin. with a trailing dot or space as /admin, so a rule that requires more applies to
 * those too.
 */
function fold(segment: string): string {
  return segment.toLowerCase().replace(/[. ]+$/, '')
}

/** Removes what servers ignore when routing: a trailing slash, and parameters after a semicolon. */
function comparable(segments: readonly string[]): string[] {
  const named = segments.at(-1) === '' ? segments.slice(0, -1) : segments
  return named.map((segment) => segment.split(';', 1)[0] ?? '')
}

function higher(one: Permission, other: Permission): Permission {
  return RANK.indexOf(other) > RANK.indexOf(one) ? other : one
}

function matches(rule: readonly string[], requested: readonly string[]): boolean {
  const isPrefix = rule.at(-1) === '*'
  const fixed = isPrefix ? rule.slice(0, -1) : rule
  if (isPrefix ? requested.length < fixed.length : requested.length !== fixed.length) return false
  return fixed.every((segment, index) => isPlaceholder(segment) || segment === requested[index])
}

function isPlaceholder(segment: string): boolean {
  return segment.startsWith('{') && segment.endsWith('}')
}
