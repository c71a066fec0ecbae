import { BlockList, isIP } from 'node:net'
import type { BaseAddress } from './base-address.ts'

/** The variables that name a proxy, as in `process.env`. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>

/** The owner's choice for a connection. Without one, Node's own setting applies. */
export type ProxyChoice = 'system' | 'none' | undefined

/**
 * Returns the proxy for an upstream, or null to connect directly. Loopback addresses never use a proxy, because to the
 * proxy they are another computer.
 */
export function systemProxy(base: BaseAddress, choice: ProxyChoice, env: ProxyEnvironment): URL | null {
  const isUsed = choice === 'system' || (choice === undefined && env['NODE_USE_ENV_PROXY'] === '1')
  return isUsed ? configuredProxy(base, env) : null
}

/** Returns the proxy that the environment names for an upstream, whether or not the connection uses it. */
export function configuredProxy(base: BaseAddress, env: ProxyEnvironment): URL | null {
  const { hostname, port, secure } = base
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || isLoopback(hostname)) return null
  const text = secure ? variable(env, 'https_proxy') : variable(env, 'http_proxy')
  if (text === '' || isExcluded(hostname, port, variable(env, 'no_proxy'))) return null
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') ? url : null
}

function variable(env: ProxyEnvironment, name: string): string {
  return (env[name] ?? env[name.toUpperCase()] ?? '').trim()
}

/** Entries are hosts (with their subdomains), `host:port`, addresses, address ranges, and `*` for all. */
function isExcluded(hostname: string, port: number, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true
      if (entry.includes('/')) return isInRange(hostname, entry)
      const [, host = entry, onlyPort] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? []
      if (onlyPort !== undefined && Number(onlyPort) !== port) return false
      const domain = host.replace(/^\*?\./, '').replaceAll(/[[\]]/g, '')
      return hostname.toLowerCase() === domain || hostname.toLowerCase().endsWith(`.${domain}`)
    })
}

function isInRange(hostname: string, entry: string): boolean {
  const [net = '', bits = ''] = entry.split('/', 2)
  const family = isIP(net)
  const max = family === 4 ? 32 : 128
  if (family === 0 || isIP(hostname) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > max) return false
  const range = new BlockList()
  range.addSubnet(net, Number(bits), family === 4 ? 'ipv4' : 'ipv6')
  return range.check(hostname, family === 4 ? 'ipv4' : 'ipv6')
}

function isLoopback(hostname: string): boolean {
  return hostname === '::1' || (isIP(hostname) === 4 && hostname.startsWith('127.'))
}
