import type { ConnectionKind } from '../../contract/records.ts'

/** Screen labels of the API's fields. Labels of a kind come before general ones, and the longest prefix wins. */
const LABELS: Readonly<Record<string, string>> = {
  'grist:config.url': 'Document URL',
  'grist:config.doc': 'Document URL',
  'http:config.url': 'Base URL',
  'mcp:config.url': 'Server URL',
  'config.path': 'File path',
  'config.create': "Create the file if it doesn't exist",
  'config.auth': 'Authentication',
  'config.auth.name': 'Header name',
  'config.auth.prefix': 'Prefix',
  'config.auth.username': 'Username',
  'config.auth.token_url': 'Token URL',
  'config.auth.client_id': 'Client ID',
  'config.auth.scope': 'Scope',
  'config.rules': 'Rules',
  'config.openapi': 'OpenAPI document',
  'config.operations': 'Operations',
  'config.health_path': 'Test path',
  'config.timeout_ms': 'Timeout (seconds)',
  'config.concurrency': 'Concurrent requests',
  'config.pinned': 'Allow a host in a private network',
  'config.pin': 'Allow a host in a private network',
  'config.plain_http': 'Allow sending the secret without encryption',
  'config.proxy': "Use the system's proxy settings",
  'config.allow_encoded_slash': 'Allow encoded slashes (%2F) in paths',
  'config.allow_range': 'Allow parts of a file (Range)',
  'config.command': 'Command',
  'config.args': 'Command',
  'config.env': 'Environment variables',
  'config.cwd': 'Working directory',
  'config.headers': 'Headers',
  'config.oauth': 'Sign in with the browser (OAuth 2.1)',
  'config.oauth_client_id': 'Client ID',
  'config.oauth_callback_port': 'Callback port',
  'config.trust': 'Review new and changed tools before agents can use them',
  'config.pass_through': 'Pass-through',
  name: 'Name',
  secret: 'Secret',
  ttl: 'Expires after',
  ttl_seconds: 'Expires after',
  grants: 'Permissions',
  permissions: 'Permissions',
  resources: 'Limited to',
  document: 'Connection',
  connection: 'Connection',
  rate: 'Rate limit',
  mode: 'Tools shown to clients',
  token: 'Token for clients',
  host: 'Listen address',
  port: 'Port',
  allowed_origins: 'Allowed origins',
  log_mode: 'Write to disk',
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
