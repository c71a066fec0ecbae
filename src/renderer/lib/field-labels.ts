import { t } from '../../contract/text/translate.ts'
import type { ConnectionKind } from '../../contract/records.ts'

/** Screen labels of the API's fields. Labels of a kind come before general ones, and the longest prefix wins. */
const LABELS: Readonly<Record<string, string>> = {
  'grist:config.url': t`Document URL`,
  'grist:config.doc': t`Document URL`,
  'http:config.url': t`Base URL`,
  'mcp:config.url': t`Server URL`,
  'config.path': t`File path`,
  'config.create': t`Create the file if it doesn't exist`,
  'config.auth': t`Authentication`,
  'config.auth.name': t`Header name`,
  'config.auth.prefix': t`Prefix`,
  'config.auth.username': t`Username`,
  'config.auth.token_url': t`Token URL`,
  'config.auth.client_id': t`Client ID`,
  'config.auth.scope': t`Scope`,
  'config.rules': t`Rules`,
  'config.openapi': t`OpenAPI document`,
  'config.operations': t`Operations`,
  'config.health_path': t`Test path`,
  'config.timeout_ms': t`Timeout (seconds)`,
  'config.concurrency': t`Concurrent requests`,
  'config.pinned': t`Allow a host in a private network`,
  'config.pin': t`Allow a host in a private network`,
  'config.plain_http': t`Allow sending the secret without encryption`,
  'config.proxy': t`Use the system's proxy settings`,
  'config.allow_encoded_slash': t`Allow encoded slashes (%2F) in paths`,
  'config.allow_range': t`Allow parts of a file (Range)`,
  'config.command': t`Command`,
  'config.args': t`Command`,
  'config.env': t`Environment variables`,
  'config.cwd': t`Working directory`,
  'config.headers': t`Headers`,
  'config.oauth': t`Sign in with the browser (OAuth 2.1)`,
  'config.oauth_client_id': t`Client ID`,
  'config.oauth_callback_port': t`Callback port`,
  'config.trust': t`Review new and changed tools before agents can use them`,
  'config.pass_through': t`Pass-through`,
  name: t`Name`,
  secret: t`Secret`,
  ttl: t`Expires after`,
  ttl_seconds: t`Expires after`,
  grants: t`Permissions`,
  permissions: t`Permissions`,
  resources: t`Limited to`,
  document: t`Connection`,
  connection: t`Connection`,
  rate: t`Rate limit`,
  mode: t`Tools shown to clients`,
  token: t`Token for clients`,
  host: t`Listen address`,
  tls: t`Certificate file`,
  'tls.key': t`Key file`,
  trusted_proxy: t`Trusted proxy`,
  public_url: t`Public URL`,
  port: t`Port`,
  allowed_origins: t`Allowed origins`,
  log_mode: t`Write to disk`,
}

/** Returns the screen's label of an API field, or null if no screen shows it. */
export function fieldLabel(field: string, kind?: ConnectionKind): string | null {
  for (let known = field; known !== ''; known = known.slice(0, Math.max(0, known.lastIndexOf('.')))) {
    const label = LABELS[`${kind ?? ''}:${known}`] ?? LABELS[known]
    if (label !== undefined) return label
  }
  return null
}

/** Returns the form's field for an API field, or null if the form has none. The table lists more specific fields first. */
export function formField<Field extends string>(
  table: readonly (readonly [api: string, form: Field])[],
  field: string | undefined,
): Field | null {
  return table.find(([known]) => field === known || field?.startsWith(`${known}.`))?.[1] ?? null
}
