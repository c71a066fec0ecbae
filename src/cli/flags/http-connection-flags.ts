import { resolve } from 'node:path'
import { PERMISSIONS, type Permission } from '../../contract/grants.ts'
import {
  HTTP_METHODS,
  type HttpAuth,
  type HttpConnectionConfig,
  type HttpMethod,
  type HttpRule,
  type OpenapiSource,
} from '../../contract/upstreams/http-connection.ts'
import { usageError } from '../errors.ts'
import { requireOption } from './options.ts'

/** Options of `create connection --type http`. */
export interface HttpConnectionFlags {
  url?: string
  auth?: string
  username?: string
  tokenUrl?: string
  clientId?: string
  scope?: string
  rule?: string[]
  openapi?: string
  operation?: string[]
  tag?: string[]
  proxy?: 'system' | 'none'
  allowEncodedSlash?: boolean
  allowRange?: boolean
  pin?: boolean
  plainHttp?: boolean
  health?: string
  timeout?: string
  concurrency?: string
}

export const HTTP_ONLY: readonly (keyof HttpConnectionFlags)[] = [
  'auth',
  'username',
  'tokenUrl',
  'clientId',
  'scope',
  'rule',
  'openapi',
  'operation',
  'tag',
  'proxy',
  'allowEncodedSlash',
  'allowRange',
  'pin',
  'plainHttp',
  'health',
  'timeout',
  'concurrency',
]

export function httpConfig(flags: HttpConnectionFlags): HttpConnectionConfig {
  if (flags.openapi === undefined && (flags.operation !== undefined || flags.tag !== undefined))
    throw usageError('--operation and --tag choose from an OpenAPI document. Add --openapi.')
  const selection = {
    ...(flags.operation === undefined ? {} : { operations: flags.operation }),
    ...(flags.tag === undefined ? {} : { tags: flags.tag }),
  }
  return {
    kind: 'http',
    url: requireOption(flags.url, '--url <url>'),
    auth: authOf(flags),
    ...(flags.rule === undefined ? {} : { rules: flags.rule.map(ruleOf) }),
    ...(flags.openapi === undefined ? {} : { openapi: { source: sourceOf(flags.openapi), ...selection } }),
    ...(flags.pin === true ? { pinned: true } : {}),
    ...(flags.plainHttp === true ? { plain_http: true } : {}),
    ...(flags.proxy === undefined ? {} : { proxy: flags.proxy }),
    ...(flags.allowEncodedSlash === true ? { allow_encoded_slash: true } : {}),
    ...(flags.allowRange === true ? { allow_range: true } : {}),
    ...(flags.health === undefined ? {} : { health_path: flags.health }),
    ...(flags.timeout === undefined ? {} : { timeout_ms: millisecondsOf(flags.timeout) }),
    ...(flags.concurrency === undefined ? {} : { concurrency: wholeNumber(flags.concurrency, '--concurrency') }),
  }
}

function authOf(flags: HttpConnectionFlags): HttpAuth {
  const given = flags.auth ?? 'none'
  const [method = '', rest] = splitOnce(given, ':')
  if (flags.username !== undefined && method !== 'basic')
    throw usageError('--username can only be used with --auth basic.')
  if (method !== 'oauth' && [flags.tokenUrl, flags.clientId, flags.scope].some((one) => one !== undefined))
    throw usageError('--token-url, --client-id and --scope can only be used with --auth oauth.')
  switch (method) {
    case 'none':
    case 'bearer':
      return { type: method }
    case 'basic':
      return { type: 'basic', username: flags.username }
    case 'header': {
      const [name = '', prefix] = splitOnce(requireOption(rest, '--auth header:NAME'), '=')
      return { type: 'header', name, prefix }
    }
    case 'query':
      return { type: 'query', name: requireOption(rest, '--auth query:NAME') }
    case 'oauth':
      return {
        type: 'oauth',
        token_url: requireOption(flags.tokenUrl, '--token-url <url>'),
        client_id: requireOption(flags.clientId, '--client-id <id>'),
        scope: flags.scope,
      }
    default:
      throw usageError(`Invalid --auth "${given}". Use bearer, basic, header:NAME, query:NAME, oauth or none.`)
  }
}

/** `GET,POST /v1/search=read`, or `/admin/*=schema` for every method. */
function ruleOf(text: string): HttpRule {
  const found = /^(?:([A-Za-z,]+)\s+)?(\/\S*)=([a-z]+)$/.exec(text.trim())
  const permission = PERMISSIONS.find((one) => one === found?.[3])
  const methods = found?.[1]?.toUpperCase().split(',')
  if (found?.[2] === undefined || permission === undefined || methods?.every(isMethod) === false) {
    throw usageError(
      `Invalid --rule "${text}". Use [METHODS ]PATH=PERMISSION, for example "POST /v1/search=read" or "/admin/*=schema".`,
    )
  }
  return {
    ...(methods === undefined ? {} : { methods: methods as HttpMethod[] }),
    path: found[2],
    permission: permission satisfies Permission,
  }
}

function isMethod(word: string): boolean {
  return (HTTP_METHODS as readonly string[]).includes(word)
}

/** Resolves a path here, because the engine runs in another folder. */
function sourceOf(text: string): OpenapiSource {
  return /^https?:\/\//i.test(text) ? { url: text } : { path: resolve(text) }
}

function millisecondsOf(text: string): number {
  const found = /^(\d+)(ms|s|m)$/.exec(text)
  if (found === null) throw usageError(`Invalid --timeout "${text}". Use a duration such as 500ms, 30s or 2m.`)
  return Number(found[1]) * ({ ms: 1, s: 1_000, m: 60_000 }[found[2] ?? 'ms'] ?? 1)
}

function wholeNumber(text: string, flag: string): number {
  if (!/^\d{1,6}$/.test(text)) throw usageError(`Invalid ${flag} "${text}". Use a whole number.`)
  return Number(text)
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
