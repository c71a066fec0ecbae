import type { HttpAuth, HttpDetails, OpenapiSource } from '../../contract/upstreams/http-connection.ts'
import type { HttpConnectionRow } from '../store/rows.ts'
import { namespacedName } from '../text/tool-names.ts'
import { DEFAULT_CONCURRENCY, DEFAULT_TIMEOUT_MS } from './http-upstream.ts'
import { selectedOperations, type Catalog } from './openapi/document/catalog.ts'
import type { PermissionOf } from './request-rules.ts'

/** Returns a connection's settings, with the default for each one that the owner left out. */
export function httpDetails(row: HttpConnectionRow, catalog: Catalog | null, permissionOf: PermissionOf): HttpDetails {
  const { config } = row
  const tools = new Set(catalog === null ? [] : selectedOperations(catalog))
  return {
    base: config.url,
    auth: authText(config.auth ?? { type: 'none' }),
    rules: config.rules ?? [],
    pinned: config.pinned === true,
    proxy: config.proxy ?? null,
    allow_encoded_slash: config.allow_encoded_slash === true,
    allow_range: config.allow_range === true,
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
            servers: catalog.servers,
            tags: catalog.tags,
            left_out: catalog.leftOut,
            operations: catalog.operations.map((operation) => ({
              id: operation.id,
              method: operation.method,
              path: operation.path,
              summary: operation.summary,
              permission: permissionOf(operation.method, operation.path),
              chosen: tools.has(operation),
              tool: namespacedName(row.name, operation.id),
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
