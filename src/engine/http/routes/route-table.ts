import type { z } from 'zod'
import type { Transport } from '../../../contract/records.ts'
import type { Principal } from '../../access/principal.ts'
import type { Exchange } from '../exchange.ts'

/** Parts of the URL space with CORS and rate limits. Null for the rest. */
export type Area = 'api' | 'projects' | null

interface Description {
  summary: string
  /** Schemas of JSON body and response, for OpenAPI only. Handlers validate on their own. */
  request?: z.ZodType
  response?: z.ZodType
  /** Also accepts or returns another media type. */
  streams?: boolean
  /**
   * Who writes the log row: `row` the HTTP server, before the handler runs; `handler` the module that takes over
   * (rejections before that are logged by the HTTP server); `none` nobody.
   */
  log: 'row' | 'handler' | 'none'
  /** Name in the log. Defaults to the HTTP method. */
  name?: string
}

/** `access` requires an access or OAuth token. `either` accepts any token, and also none or an unknown one. */
export type Endpoint = Description &
  (
    | { auth: 'none'; serve(exchange: Exchange): Promise<void> }
    | { auth: 'either'; serve(exchange: Exchange, principal: Principal | null): Promise<void> }
    | { auth: 'access' | 'session'; serve(exchange: Exchange, principal: Principal): Promise<void> }
  )

export interface Route {
  /** `{name}` matches one segment. A final `{name…}` matches any number, including none. */
  path: string
  transport: Transport
  methods: Readonly<Record<string, Endpoint>>
  /** Pages of this server (the console) can call it. */
  ownPages?: true
  /** Patterns of placeholders. A path that doesn't match them is unknown. */
  where?: Readonly<Record<string, RegExp>>
}

export interface RouteMatch {
  route: Route
  params: Record<string, string>
}

export function areaOf(path: string): Area {
  if (path === '/api' || path.startsWith('/api/')) return 'api'
  if (path === '/projects' || path.startsWith('/projects/')) return 'projects'
  return null
}

/**
 * Returns a function that finds the route of a path, or null. Fixed paths are one lookup, the few patterns are tried in
 * order.
 */
export function createMatcher(routes: readonly Route[]): (path: string) => RouteMatch | null {
  const fixed = new Map(routes.filter((route) => !route.path.includes('{')).map((route) => [route.path, route]))
  const patterns = routes
    .filter((route) => route.path.includes('{'))
    .map((route) => ({ route, segments: route.path.split('/').map(readSegment), where: route.where ?? {} }))
  return (path) => {
    const route = fixed.get(path)
    if (route !== undefined) return { route, params: {} }
    const given = path.split('/')
    for (const pattern of patterns) {
      const params = matchSegments(pattern.segments, given, pattern.where)
      if (params !== null) return { route: pattern.route, params }
    }
    return null
  }
}

interface Segment {
  kind: 'fixed' | 'one' | 'rest'
  /** Its text, or the name of its placeholder. */
  name: string
}

function readSegment(text: string): Segment {
  if (text.endsWith('…}')) return { kind: 'rest', name: text.slice(1, -2) }
  return text.startsWith('{') ? { kind: 'one', name: text.slice(1, -1) } : { kind: 'fixed', name: text }
}

function matchSegments(
  wanted: readonly Segment[],
  given: readonly string[],
  where: Readonly<Record<string, RegExp>>,
): Record<string, string> | null {
  // Most patterns differ in a fixed segment, so those are compared before anything is created.
  for (let index = 0; index < wanted.length; index += 1) {
    const segment = wanted[index]
    if (segment?.kind === 'fixed' && segment.name !== given[index]) return null
  }
  const params: Record<string, string> = {}
  let index = 0
  for (const { kind, name } of wanted) {
    if (kind === 'rest') {
      params[name] = given.slice(index).join('/')
      return params
    }
    const value = given[index]
    if (value === undefined) return null
    if (kind === 'one') {
      if (value === '' || where[name]?.test(value) === false) return null
      params[name] = value
    }
    index += 1
  }
  return given.length === wanted.length ? params : null
}
