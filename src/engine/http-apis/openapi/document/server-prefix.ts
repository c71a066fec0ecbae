import { isObject, type JsonObject } from '../../../text/json.ts'
import { textOf } from './read-document.ts'

/**
 * Returns the path that an operation's server adds: none for the document's server, a path for a server below it or
 * below the connection's base URL. Any other server would receive the secret, so the operation is left out.
 */
export type ServerPrefix = (item: JsonObject, operation: JsonObject) => string | { reason: string }

/** `baseUrl` replaces the document's first server, because the owner chose it. */
export function createServerPrefix(root: JsonObject, baseUrl: string | null): ServerPrefix {
  const origin = baseUrl ?? 'http://document.invalid'
  const documentServers = serverUrls(root['servers'], origin)
  const bases = [...(baseUrl === null ? [] : [baseUrl]), ...documentServers]
  return (item, operation) => {
    const own = serverUrls(operation['servers'], origin)
    const servers = own.length > 0 ? own : serverUrls(item['servers'], origin)
    if (servers.length === 0 || servers.some((url) => documentServers.includes(url))) return ''
    for (const base of bases) {
      const below = servers.map((url) => pathBelow(base, url)).find((path) => path !== null)
      if (below !== undefined) return below
    }
    const [first = ''] = servers
    const isSameOrigin = bases.some((base) => URL.parse(base)?.origin === URL.parse(first)?.origin)
    return {
      reason: isSameOrigin
        ? `it uses ${first.slice(0, 100)}, which isn't below the base URL`
        : `it uses a different server (${first.slice(0, 100)})`,
    }
  }
}

/** Returns the URLs of a list of servers, with default values for variables and without a trailing slash. */
function serverUrls(servers: unknown, origin: string): string[] {
  if (!Array.isArray(servers)) return []
  return servers.flatMap((server) => {
    const template = isObject(server) ? textOf(server['url']) : null
    if (template === null || !isObject(server)) return []
    const variables = isObject(server['variables']) ? server['variables'] : {}
    const text = template.replaceAll(/\{([^{}]*)\}/g, (whole, name: string) => {
      const variable = variables[name]
      return (isObject(variable) ? textOf(variable['default']) : null) ?? whole
    })
    // A URL without a scheme means both schemes.
    const texts = text.startsWith('//') ? [`https:${text}`, `http:${text}`] : [text]
    return texts.map((one) => (URL.parse(one, origin)?.href ?? one).replace(/\/+$/, ''))
  })
}

/** Returns `/upload` for a server at `https://host/v1/upload` and the base `https://host/v1`. */
function pathBelow(base: string, server: string): string | null {
  const from = URL.parse(base)
  const to = URL.parse(server)
  if (from === null || to === null || from.origin !== to.origin || to.search !== '' || to.hash !== '') return null
  const prefix = from.pathname.replace(/\/+$/, '')
  const path = to.pathname.replace(/\/+$/, '')
  if (path === prefix) return ''
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : null
}
