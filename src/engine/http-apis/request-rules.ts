import { HallpassError } from '../../contract/errors.ts'
import type { Permission } from '../../contract/grants.ts'
import type { HttpRule } from '../../contract/http-connection.ts'
import { pathSegments } from '../access/resource-patterns.ts'

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

const RANK: readonly Permission[] = ['read', 'write', 'schema']

/** What a request takes: by the first rule that matches, else `read` for the methods that only read and `write` for the rest. */
export type PermissionOf = (method: string, path: string) => Permission

/** INVALID_REQUEST names the rule whose path no request could match. */
export function compileRules(rules: readonly HttpRule[] = [], field = 'config.rules'): PermissionOf {
  const compiled = rules.map((rule, index) => {
    const segments = plainSegments(rule.path)
    const middle = segments?.slice(0, -1) ?? []
    if (segments === null || middle.includes('*')) {
      throw new HallpassError(
        'INVALID_REQUEST',
        `${field}.${index}.path: must be a plain path such as /v1/listings/{id} or /v1/admin/*.`,
      )
    }
    return {
      methods: rule.methods === undefined ? null : new Set<string>(rule.methods),
      segments,
      permission: rule.permission,
    }
  })
  const folded = compiled.map((rule) => ({ ...rule, segments: rule.segments.map(fold) }))

  function decided(from: typeof compiled, method: string, asked: readonly string[]): Permission {
    const found = from.find((rule) => (rule.methods?.has(method) ?? true) && matches(rule.segments, asked))
    return found?.permission ?? (READS.has(method) ? 'read' : 'write')
  }

  return (method, path) => {
    const asked = compiled.length > 0 ? plainSegments(path) : null
    if (asked === null) return READS.has(method) ? 'read' : 'write'
    const exact = decided(compiled, method, asked)
    const loose = decided(folded, method, asked.map(fold))
    return RANK.indexOf(loose) > RANK.indexOf(exact) ? loose : exact
  }
}

/** Some servers take /Admin, and /admin. with a dot or space at its end, for /admin: a rule that asks for more holds for them too. */
function fold(segment: string): string {
  return segment.toLowerCase().replace(/[. ]+$/, '')
}

/** Without what servers drop before they look: a slash at the end, and parameters after a semicolon. */
function plainSegments(path: string): string[] | null {
  const segments = pathSegments(path)
  if (segments === null) return null
  const kept = segments.at(-1) === '' ? segments.slice(0, -1) : segments
  return kept.map((segment) => segment.split(';', 1)[0] ?? '')
}

function matches(rule: readonly string[], asked: readonly string[]): boolean {
  const below = rule.at(-1) === '*'
  const fixed = below ? rule.slice(0, -1) : rule
  if (below ? asked.length < fixed.length : asked.length !== fixed.length) return false
  return fixed.every((segment, index) => isPlaceholder(segment) || segment === asked[index])
}

function isPlaceholder(segment: string): boolean {
  return segment.startsWith('{') && segment.endsWith('}')
}
