import type { HttpAuth, HttpConnectionConfig, HttpDetails, OpenapiSource } from '../../contract/http-connection.ts'
import type { ConnectionRow } from '../store/rows.ts'
import { namespacedName } from '../connections/tool-names.ts'
import { DEFAULT_CONCURRENCY, DEFAULT_TIMEOUT_MS } from './http-upstream.ts'
import type { Catalog } from './openapi/catalog.ts'
import type { PermissionOf } from './request-rules.ts'

/** Returns a connection's settings, with the default for each one that the owner left out. */
export function httpDetails(row: ConnectionRow, catalog: Catalog | null, permissionOf: PermissionOf): HttpDetails {
  const config = row.config as Omit<HttpConnectionConfig, 'kind'> & { openapi_source?: OpenapiSource }
  const chosen = catalog === null || catalog.chosen === null ? null : new Set(catalog.chosen)
  return {
    base: config.url,
    auth: authText(config.auth ?? { type: 'none' }),
    rules: config.rules ?? [],
    pinned: config.pinned === true,
    health_path: config.health_path ?? null,
    timeout_ms: config.timeout_ms ?? DEFAULT_TIMEOUT_MS,
    concurrency: config.concurrency ?? DEFAULT_CONCURRENCY,
    openapi:
      catalog === null
        ? null
        : {
            title: catalog.title,
            version: catalog.version,
            source: sourceText(config.openapi_source),
            operations: catalog.operations.map(({ id, method, path, summary }) => ({
              id,
              method,
              path,
              summary,
              permission: permissionOf(method, path),
              chosen: chosen?.has(id) ?? true,
              tool: namespacedName(row.name, id),
            })),
          },
  }
}

function sourceText(source: OpenapiSource | undefined): string {
  if (source === undefined || 'text' in source) return 'text'
  return 'url' in source ? source.url : source.path
}

function authText(auth: HttpAuth): string {
  switch (auth.type) {
    case 'none':
      return 'none'
    case 'bearer':
      return 'bearer'
    case 'basic':
      return auth.username === undefined ? 'basic' : `basic, user ${auth.username}`
    case 'header':
      return `header ${auth.name}${auth.prefix === undefined ? '' : ` (${auth.prefix} …)`}`
    case 'query':
      return `query parameter ${auth.name}`
    case 'oauth':
      return `OAuth client credentials of ${auth.client_id} at ${auth.token_url}`
  }
}
