import type { HallpassError } from '../../contract/errors.ts'
import { PROJECT_FLAG } from './options.ts'

/** What the command line calls the fields of the API. Arguments are in capitals. A field that isn't listed is called what its parent is. */
const NAMES: Readonly<Record<string, string>> = {
  name: 'NAME',
  client: 'CLIENT',
  id: 'NAME',
  project: PROJECT_FLAG,
  'config.url': '--url',
  'config.doc': '--doc',
  'config.path': '--path',
  'config.create': '--create',
  'config.auth': '--auth',
  'config.auth.username': '--username',
  'config.auth.token_url': '--token-url',
  'config.auth.client_id': '--client-id',
  'config.auth.scope': '--scope',
  'config.rules': '--rule',
  'config.openapi': '--openapi',
  'config.openapi.operations': '--operation',
  'config.operations': '--operation',
  'config.health_path': '--health',
  'config.timeout_ms': '--timeout',
  'config.concurrency': '--concurrency',
  'config.pinned': '--pin',
  'config.pin': '--pin',
  'config.plain_http': '--plain-http',
  'config.command': '--command',
  'config.args': '--arg',
  'config.env': '--env',
  'config.cwd': '--cwd',
  'config.headers': '--header',
  'config.oauth': '--oauth',
  'config.oauth_client_id': '--oauth-client-id',
  'config.oauth_callback_port': '--oauth-callback-port',
  'config.trust': '--trust',
  'config.pass_through': '--pass-through',
  pass_through: '--pass-through',
  operations: '--operation',
  tags: '--tag',
  'config.openapi.tags': '--tag',
  'config.proxy': '--proxy',
  'config.allow_encoded_slash': '--allow-encoded-slash',
  'config.allow_range': '--allow-range',
  secret: '--secret-stdin or --secret-ref',
  ttl: '--ttl',
  ttl_seconds: '--ttl',
  grants: '--bind',
  clone: '--clone',
  permissions: '--permissions',
  resources: '--resource',
  document: '--document',
  connection: '--document',
  rate: '--rate',
  budget: '--budget',
  'set.budget': '--budget',
  mode: '--mode',
  answer_chars: '--answer-chars',
  'set.answer_chars': '--answer-chars',
  'set.ttl': '--ttl',
  force: '--force',
  path: 'FILE',
  file: 'FILE',
  new_key: '--new-key-file',
  overlap: '--overlap',
  new_name: 'NEW-NAME',
  'set.grants': '--bind',
  'set.rate': '--rate',
  'set.description': '--description',
  description: '--description',
  payload_days: '--payloads',
  max_requests: '--max-requests',
  token: '--as',
  host: '--host or HALLPASS_HOST',
  tls_cert: '--tls-cert',
  tls_key: '--tls-key',
  trusted_proxies: '--trusted-proxy',
  public_url: '--public-url',
  port: '--port or HALLPASS_PORT',
  before_id: '--before',
  allowed_origins: '--allow-origin',
  log_mode: '--log-mode',
  hash: '--hash',
  request_id: '--request-id',
  since: '--since',
  until: '--until',
  limit: '--limit',
  status: '--status',
}

/** What to do on the command line about a failure whose sentence leaves that to the interface. */
const ADVICE: Readonly<Record<string, string>> = {
  exists: 'Use --force to replace it.',
  several_local_tokens: 'Choose one with --as.',
  project_missing: 'Add -p PROJECT.',
  secret_moves:
    'Enter the secret for it with --secret-stdin or --secret-ref, or use --keep-secret to send the stored one.',
  no_document: 'Use --doc ID for that.',
}

/** Returns the option of a camelCase flag, such as `--plain-http`. */
export function flagName(flag: string): string {
  return `--${flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** Returns the command line's name of a field of the API, or null if it has none. */
export function optionName(field: string): string | null {
  const steps = field.split('.')
  for (let length = steps.length; length > 0; length--) {
    const name = NAMES[steps.slice(0, length).join('.')]
    if (name !== undefined) return name
  }
  return null
}

/** Returns the sentence of an error with the command line's own names for what is at fault. */
export function errorText(error: HallpassError): string {
  const advice = error.reason === undefined ? undefined : ADVICE[error.reason]
  const issues = error.details?.['issues']
  const lines = Array.isArray(issues)
    ? (issues as { field: string; message: string }[]).map((issue) => withName(issue.message, issue.field))
    : [withName(error.message, error.field)]
  return [lines.join('\n'), ...(advice === undefined || error.message.includes(advice) ? [] : [advice])].join(' ')
}

/** `Must be …` gets its subject; a whole sentence gets the option behind it, unless that is plain from the sentence. */
function withName(sentence: string, field: string | undefined): string {
  const name = field === undefined ? null : optionName(field)
  if (name === null) return sentence
  const [flag = name] = name.split(/,? </)
  if (/^must /i.test(sentence)) return `${flag} ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`
  const plain = !name.startsWith('-') || name === PROJECT_FLAG || name === '--as' || sentence.includes(flag)
  return plain ? sentence : `${sentence} (${flag})`
}
