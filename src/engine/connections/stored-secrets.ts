import type { SecretStore } from '../secrets/secret-store.ts'
import { isOwnSecret, isSecretReference, resolveValue } from '../mcp-upstreams/value-references.ts'
import type { ConnectionRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'

/**
 * Returns every secret of a project's connections, to mask them. Throws SECRET_UNAVAILABLE if one of the called
 * connection can't be read. Others that can't be read were not sent to anyone.
 */
export async function secretsOfProject(
  { store, secrets }: { store: Pick<Store, 'read'>; secrets: Pick<SecretStore, 'fetch'> },
  projectId: number,
  called: string | null,
): Promise<string[]> {
  const rows = store.read.connections(projectId)
  const found = await Promise.allSettled(rows.map((row) => secretsOf(row, secrets)))
  return found.flatMap((result, index) => {
    if (result.status === 'fulfilled') return result.value
    if (rows[index]?.name === called) throw result.reason
    return []
  })
}

async function secretsOf(row: ConnectionRow, secrets: Pick<SecretStore, 'fetch'>): Promise<string[]> {
  const { secret_location: location, secret_account: account, config } = row
  const own = location === null ? [] : valuesIn((await secrets.fetch(location, account)).reveal(), config)
  if (config.kind !== 'mcp') return own
  const references = [...Object.values(config.headers ?? {}), ...Object.values(config.env ?? {})]
  const named = references.filter((reference) => isSecretReference(reference) && !isOwnSecret(reference))
  const values = await Promise.all(
    named.map((reference) =>
      resolveValue(reference, { own: () => Promise.reject(new Error("A reference isn't a stored secret.")), secrets }),
    ),
  )
  return [...own, ...values.map(({ bare }) => bare)]
}

/** Returns the parts of a stored secret that are secret by themselves: a password, and the tokens of a sign-in. */
function valuesIn(stored: string, config: ConnectionRow['config']): string[] {
  const secret = stored.trim()
  if (config.kind === 'mcp' && config.oauth === true && secret.startsWith('{"')) return stringsIn(JSON.parse(secret))
  const values = [stored, secret]
  if (config.kind !== 'http' || config.auth?.type !== 'basic') return values
  const { username } = config.auth
  const pair = username === undefined ? secret : `${username}:${secret}`
  return [...values, pair, Buffer.from(pair).toString('base64'), pair.slice(pair.indexOf(':') + 1)]
}

const SECRET_FIELDS = new Set(['access_token', 'refresh_token', 'id_token', 'client_secret'])

function stringsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'string' ? (SECRET_FIELDS.has(name) ? [inner] : []) : stringsIn(inner),
  )
}
