import type { FetchLike } from '@modelcontextprotocol/client'

type Sdk = typeof import('@modelcontextprotocol/client')

/** What a refusal says of where and for what to sign in. */
export interface Challenge {
  resourceMetadataUrl?: URL
  scope?: string
}

const MAX_SCOPES = 32
const LONGEST_SCOPE = 256
const SHOWN = 60

/** `header` is a WWW-Authenticate. */
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

/** Some servers greet anybody and ask for a sign-in only then. */
const QUESTIONS = [
  {
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'hallpass', version: '0' } },
  },
  { method: 'tools/list', params: {} },
]

/** What the server says to one who has not signed in; nothing where it answers otherwise. */
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

/** Scopes as RFC 6749 spells them, within bounds: they come from a stranger and are shown to people. */
export function scopesOf(scope: string | null | undefined): string[] {
  const words = (scope ?? '')
    .split(' ')
    .filter((word) => word.length <= LONGEST_SCOPE && /^[\x21\x23-\x5B\x5D-\x7E]+$/.test(word))
  return [...new Set(words)].slice(0, MAX_SCOPES)
}

/** For a sentence. */
export function shownScopes(scopes: readonly string[]): string {
  const shown = scopes
    .slice(0, 4)
    .map((scope) => `“${scope.length > SHOWN ? `${scope.slice(0, SHOWN)}…` : scope}”`)
    .join(', ')
  return scopes.length > 4 ? `${shown} and ${scopes.length - 4} more` : shown
}

/** The servers that sign in for this one, by its own metadata as they are now; null where it does not say. */
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
    // Metadata of another resource says nothing of this one.
    if (!sdk.checkResourceAllowed({ requestedResource: new URL(url), configuredResource: metadata.resource }))
      return null
    return metadata.authorization_servers ?? null
  } catch {
    // No metadata, or not now: what is known stays.
    return null
  }
}
