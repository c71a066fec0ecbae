import type { FetchLike } from '@modelcontextprotocol/client'

type Sdk = typeof import('@modelcontextprotocol/client')

/** Where and with which scopes to sign in, according to the server's rejection. */
export interface Challenge {
  resourceMetadataUrl?: URL
  scope?: string
}

const MAX_SCOPES = 32
const LONGEST_SCOPE = 256
const SHOWN = 60

/** Parses a WWW-Authenticate header. */
export function readChallenge(sdk: Sdk, header: string): Challenge & { error: string | null } {
  const { resourceMetadataUrl, scope, error } = sdk.extractWWWAuthenticateParams(
    new Response(null, { headers: header === '' ? {} : { 'www-authenticate': header } }),
  )
  return {
    ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }),
    ...(scope === undefined ? {} : { scope }),
    error: error ?? null,
  }
}

/** Some servers accept a handshake from anybody and require a sign-in only for these requests. */
const QUESTIONS = [
  {
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'hallpass', version: '0' } },
  },
  { method: 'tools/list', params: {} },
]

/** Returns the challenge that the server sends to an unauthenticated client. Empty if it sends none. */
export async function requestedChallenge(sdk: Sdk, url: string, fetchFn: FetchLike): Promise<Challenge> {
  for (const question of QUESTIONS) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, ...question })
    const response = await fetchFn(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body,
    })
    await response.body?.cancel()
    const header = response.headers.get('www-authenticate')
    if (response.status !== 401 || header === null) continue
    const { error: _error, ...challenge } = readChallenge(sdk, header)
    return challenge
  }
  return {}
}

/** Returns scopes in the syntax of RFC 6749 and within limits, because the server chooses them and people read them. */
export function scopesOf(scope: string | null | undefined): string[] {
  const words = (scope ?? '')
    .split(' ')
    .filter((word) => word.length <= LONGEST_SCOPE && /^[\x21\x23-\x5B\x5D-\x7E]+$/.test(word))
  return [...new Set(words)].slice(0, MAX_SCOPES)
}

/** Formats scopes for a sentence. */
export function shownScopes(scopes: readonly string[]): string {
  const shown = scopes
    .slice(0, 4)
    .map((scope) => `"${scope.length > SHOWN ? `${scope.slice(0, SHOWN)}…` : scope}"`)
    .join(', ')
  return scopes.length > 4 ? `${shown} and ${scopes.length - 4} more` : shown
}

/** Returns the authorization servers that the server's metadata currently names, or null if it has none. */
export async function namedServers(
  sdk: Sdk,
  url: string,
  { resourceMetadataUrl }: Challenge,
  fetchFn: FetchLike,
): Promise<string[] | null> {
  try {
    const metadata = await sdk.discoverOAuthProtectedResourceMetadata(
      url,
      resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl },
      fetchFn,
    )
    // Metadata of another resource doesn't apply to this one.
    if (!sdk.checkResourceAllowed({ requestedResource: new URL(url), configuredResource: metadata.resource }))
      return null
    return metadata.authorization_servers ?? null
  } catch {
    // No metadata, or none at the moment: what is known remains valid.
    return null
  }
}
