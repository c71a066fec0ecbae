import { t } from '../../../../../contract/text/translate.ts'
import { parseUrl } from '../../../../../contract/upstreams/parse-url.ts'
import type { PickedOpenapi } from './openapi-picker.tsx'
import type {
  HttpAuth,
  HttpConnectionConfig,
  HttpMethod,
  HttpRule,
} from '../../../../../contract/upstreams/http-connection.ts'
import type { Permission } from '../../../../../contract/grants.ts'
import { nameProblem } from '../kind-form.ts'

export interface RuleRow {
  id: number
  method: HttpMethod | 'any'
  path: string
  permission: Permission
}

/** The form's values, all as text, so that nothing typed is lost. */
export interface HttpValues {
  url: string
  name: string
  authMethod: keyof typeof AUTH_METHODS
  authName: string
  prefix: string
  username: string
  tokenUrl: string
  clientId: string
  scope: string
  rules: RuleRow[]
  healthPath: string
  timeout: number | string
  concurrency: number | string
  pinned: boolean
  plainHttp: boolean
  systemProxy: boolean
  encodedSlash: boolean
  range: boolean
  openapi: PickedOpenapi | null
}

/** Authentication methods, with the label of their secret. */
export const AUTH_METHODS = {
  none: { label: t`None`, secret: null },
  bearer: { label: t`Bearer token`, secret: t`Token` },
  header: { label: t`Header`, secret: t`API key` },
  basic: { label: t`Username and password`, secret: t`Password` },
  query: { label: t`Query parameter`, secret: t`API key` },
  oauth: { label: t`OAuth client credentials`, secret: t`Client secret` },
} as const

export const EMPTY_HTTP: HttpValues = {
  url: '',
  name: '',
  authMethod: 'bearer',
  authName: '',
  prefix: '',
  username: '',
  tokenUrl: '',
  clientId: '',
  scope: '',
  rules: [],
  healthPath: '',
  timeout: '',
  concurrency: '',
  pinned: false,
  plainHttp: false,
  systemProxy: false,
  encodedSlash: false,
  range: false,
  openapi: null,
}

const HEADER = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/

export function httpProblems(fields: HttpValues): Record<string, string | null> {
  const { url, name, authMethod, authName: field, prefix, tokenUrl, clientId, username, rules, healthPath } = fields
  return {
    url: urlProblem(url, 'https://api.example.com/v2'),
    name: nameProblem(name),
    authName:
      authMethod === 'header' && !HEADER.test(field)
        ? t`Enter a header name, for example X-API-Key.`
        : authMethod === 'query' && !/^[^\s&=#?]{1,128}$/.test(field)
          ? t`Enter a parameter name, for example api_key.`
          : null,
    prefix:
      authMethod === 'header' && prefix !== '' && !/^[\x21-\x7e]+$/.test(prefix)
        ? t`Enter one word of printable characters.`
        : null,
    username: authMethod === 'basic' && username.includes(':') ? t`Usernames can't contain a colon.` : null,
    tokenUrl: authMethod === 'oauth' ? urlProblem(tokenUrl, 'https://auth.example.com/oauth/token') : null,
    clientId: authMethod === 'oauth' && clientId.trim() === '' ? t`Enter the client ID.` : null,
    rules: rules.some(({ path }) => !path.startsWith('/')) ? t`Paths must start with /` : null,
    healthPath: healthPath !== '' && !healthPath.startsWith('/') ? t`The path must start with /` : null,
  }
}

export function urlProblem(text: string, example: string): string | null {
  const url = parseUrl(text.trim())
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    return t`Enter an address starting with https://, for example ${example}`
  return url.username !== '' || url.password !== ''
    ? t`Remove the username and password. Enter them as the secret.`
    : null
}

export function httpConfig(fields: HttpValues): HttpConnectionConfig {
  const { url, rules, healthPath, timeout, concurrency, pinned, plainHttp, openapi } = fields
  const { systemProxy, encodedSlash, range } = fields
  return {
    kind: 'http',
    url: url.trim(),
    auth: toAuth(fields),
    ...(openapi === null ? {} : { openapi }),
    ...(rules.length === 0 ? {} : { rules: rules.map(toRule) }),
    ...(healthPath === '' ? {} : { health_path: healthPath }),
    ...(timeout === '' ? {} : { timeout_ms: Number(timeout) * 1000 }),
    ...(concurrency === '' ? {} : { concurrency: Number(concurrency) }),
    ...(pinned ? { pinned } : {}),
    ...(plainHttp ? { plain_http: true } : {}),
    ...(systemProxy ? { proxy: 'system' } : {}),
    ...(encodedSlash ? { allow_encoded_slash: true } : {}),
    ...(range ? { allow_range: true } : {}),
  }
}

export function toRule({ method, path, permission }: RuleRow): HttpRule {
  return { path, permission, ...(method === 'any' ? {} : { methods: [method] }) }
}

function toAuth({ authMethod, authName: field, prefix, username, tokenUrl, clientId, scope }: HttpValues): HttpAuth {
  switch (authMethod) {
    case 'header':
      return { type: 'header', name: field, ...(prefix === '' ? {} : { prefix }) }
    case 'query':
      return { type: 'query', name: field }
    case 'basic':
      return { type: 'basic', ...(username === '' ? {} : { username }) }
    case 'oauth':
      return {
        type: 'oauth',
        token_url: tokenUrl.trim(),
        client_id: clientId.trim(),
        ...(scope.trim() === '' ? {} : { scope: scope.trim() }),
      }
    case 'none':
    case 'bearer':
      return { type: authMethod }
  }
}

/** The form's field for each field of the API, most specific first. */
export const HTTP_FIELDS = [
  ['name', 'name'],
  ['secret', 'secret'],
  ['config.auth.token_url', 'tokenUrl'],
  ['config.auth.client_id', 'clientId'],
  ['config.auth.scope', 'scope'],
  ['config.auth.prefix', 'prefix'],
  ['config.auth.username', 'username'],
  ['config.auth.name', 'authName'],
  ['config.auth', 'authMethod'],
  ['config.openapi', 'openapi'],
  ['config.rules', 'rules'],
  ['config.health_path', 'healthPath'],
  ['config.timeout_ms', 'timeout'],
  ['config.concurrency', 'concurrency'],
  ['config.pinned', 'pinned'],
  ['config.plain_http', 'plainHttp'],
  ['config.proxy', 'systemProxy'],
  ['config.allow_encoded_slash', 'encodedSlash'],
  ['config.allow_range', 'range'],
  ['config.url', 'url'],
] as const

/** Returns the form's values of stored settings. A rule with several methods becomes one row for each. */
export function httpValuesOf(config: HttpConnectionConfig, name: string): HttpValues {
  const { auth = { type: 'none' }, rules = [], timeout_ms: timeout, concurrency } = config
  const rows = rules.flatMap(({ methods, path, permission }) =>
    (methods ?? (['any'] as const)).map((method) => ({ method, path, permission })),
  )
  return {
    ...EMPTY_HTTP,
    url: config.url,
    name,
    authMethod: auth.type,
    authName: 'name' in auth ? auth.name : '',
    prefix: auth.type === 'header' ? (auth.prefix ?? '') : '',
    username: auth.type === 'basic' ? (auth.username ?? '') : '',
    tokenUrl: auth.type === 'oauth' ? auth.token_url : '',
    clientId: auth.type === 'oauth' ? auth.client_id : '',
    scope: auth.type === 'oauth' ? (auth.scope ?? '') : '',
    rules: rows.map((row, index) => ({ id: index + 1, ...row })),
    healthPath: config.health_path ?? '',
    timeout: timeout === undefined ? '' : timeout / 1000,
    concurrency: concurrency ?? '',
    pinned: config.pinned === true,
    plainHttp: config.plain_http === true,
    systemProxy: config.proxy === 'system',
    encodedSlash: config.allow_encoded_slash === true,
    range: config.allow_range === true,
  }
}
