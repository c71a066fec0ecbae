import type { z } from 'zod'
import type { Transport } from '../../../contract/records.ts'
import type { Principal } from '../../access/principal.ts'
import type { Exchange } from '../exchange.ts'

/** The parts of the address space that carry CORS and rate limits; null for the rest. */
export type Area = 'api' | 'projects' | null

interface Description {
  summary: string
  /** Shape of the JSON body, if there is one, and of the answer. For OpenAPI; handlers check for themselves. */
  request?: z.ZodType
  response?: z.ZodType
  /** Further media type of request or answer. */
  streams?: boolean
  /**
   * Who writes the log row: `row` this room, opened before the handler runs; `handler` the room that takes over (what is
   * refused before that is logged here); `none` nobody.
   */
  log: 'row' | 'handler' | 'none'
  /** Name in the log; the HTTP method when not given. */
  name?: string
}

/** `access` takes access and oauth tokens; `either` takes any, and is served without one too when it is unknown. */
export type Endpoint = Description &
  (
    | { auth: 'none'; serve(exchange: Exchange): Promise<void> }
    | { auth: 'either'; serve(exchange: Exchange, principal: Principal | null): Promise<void> }
    | { auth: 'access' | 'session'; serve(exchange: Exchange, principal: Principal): Promise<void> }
  )

export interface Route {
  /** `{name}` stands for one segment; a last `{name…}` for any number, none included. */
  path: string
  transport: Transport
  methods: Readonly<Record<string, Endpoint>>
  /** Pages that this server itself serves may call it: the console's. */
  ownPages?: true
  /** What a placeholder may be; a path where it is not is unknown. */
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

/** Answers a path with its route, or null. Fixed paths are one look-up; the few patterns are tried in their order. */
export function createMatcher(routes: readonly Route[]): (path: string) => RouteMatch | null {
  const fixed = new Map(routes.filter((route) => !route.path.includes('{')).map((route) => [route.path, route]))
  const patterns = routes
    .filter((route) => route.path.includes('{'))
    .map((route) => ({ route, segments: route.path.split('/') }))
  return (path) => {
    const route = fixed.get(path)
    if (route !== undefined) return { route, params: {} }
    const given = path.split('/')
    for (const pattern of patterns) {
      const params = matchSegments(pattern.segments, given, pattern.route.where ?? {})
      if (params !== null) return { route: pattern.route, params }
    }
    return null
  }
}

function matchSegments(
  wanted: readonly string[],
  given: readonly string[],
  where: Readonly<Record<string, RegExp>>,
): Record<string, string> | null {
  const params: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    if (segment.endsWith('…}')) {
      params[segment.slice(1, -2)] = given.slice(index).join('/')
      return params
    }
    const value = given[index]
    if (value === undefined) return null
    if (segment.startsWith('{')) {
      const name = segment.slice(1, -1)
      if (value === '' || where[name]?.test(value) === false) return null
      params[name] = value
    } else if (segment !== value) return null
  }
  return given.length === wanted.length ? params : null
}
