import { randomBytes } from 'node:crypto'
import type {
  FetchLike,
  OAuthClientProvider,
  OAuthDiscoveryState,
  OAuthTokens,
  StoredOAuthClientInformation,
} from '@modelcontextprotocol/client'
import { UpstreamFault } from '../session/message-pipe.ts'
import type { Challenge } from './challenge.ts'

type Sdk = typeof import('@modelcontextprotocol/client')

/** A client that the owner registered, and its authorization server, which is null before the first use. */
interface RegisteredClient {
  clientId: string
  clientSecret: string | null
  issuer: string | null
}

export interface Flow {
  state: string
  /** Returns the URL to sign in at. */
  begin(): Promise<URL>
  complete(code: string, issuer: string | undefined): Promise<void>
  found: {
    tokens: OAuthTokens | null
    client: StoredOAuthClientInformation | null
    discovery: OAuthDiscoveryState | null
    resource: string | null
    scope: string | null
  }
}

/** One sign-in: the SDK's steps (discovery, registration, PKCE, exchange) and their state. */
export function createFlow(
  sdk: Sdk,
  parts: {
    url: string
    redirectUrl: string
    fetchFn: FetchLike
    registered: RegisteredClient | null
    challenge: Challenge
  },
): Flow {
  const { url, redirectUrl, fetchFn, registered, challenge } = parts
  const state = randomBytes(24).toString('base64url')
  const found: Flow['found'] = { tokens: null, client: null, discovery: null, resource: null, scope: null }
  let verifier = ''
  let address: URL | null = null

  function clientFor(issuer: string | undefined): StoredOAuthClientInformation | undefined {
    if (found.client !== null || registered === null) return found.client ?? undefined
    // The name and secret of a registered client must not be sent to another server.
    if (registered.issuer !== null && issuer !== undefined && originOf(issuer) !== originOf(registered.issuer)) {
      throw new UpstreamFault(
        'refused',
        `now uses ${originOf(issuer)} for sign-in, but the client ID is registered with ${originOf(registered.issuer)}. If that's intended, create the connection again with a new client ID.`,
      )
    }
    found.client = {
      client_id: registered.clientId,
      ...(registered.clientSecret === null ? {} : { client_secret: registered.clientSecret }),
      ...(issuer === undefined ? {} : { issuer }),
    }
    return found.client
  }

  const provider: OAuthClientProvider = {
    redirectUrl,
    clientMetadata: {
      client_name: 'Hallpass',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    state: () => state,
    clientInformation: (context) => clientFor(context?.issuer),
    saveClientInformation: (client) => void (found.client = client),
    tokens: () => undefined,
    saveTokens: (tokens) => void (found.tokens = tokens),
    redirectToAuthorization: (to) => void (address = to),
    saveCodeVerifier: (value) => void (verifier = value),
    codeVerifier: () => verifier,
    saveDiscoveryState: (discovery) => void (found.discovery = discovery),
    discoveryState: () => found.discovery ?? undefined,
    saveResourceUrl: (resource) => void (found.resource = String(resource)),
  }
  return {
    state,
    found,
    async begin() {
      await sdk.auth(provider, { serverUrl: url, fetchFn, ...challenge })
      if (address === null) throw new UpstreamFault('refused', "didn't provide a sign-in URL")
      found.scope = address.searchParams.get('scope')
      return address
    },
    async complete(code, issuer) {
      await sdk.auth(provider, {
        serverUrl: url,
        fetchFn,
        authorizationCode: code,
        ...(issuer === undefined ? {} : { iss: issuer }),
        ...challenge,
      })
    },
  }
}

function originOf(address: string): string {
  const url = URL.parse(address)
  return url === null ? address : url.origin + url.pathname.replace(/\/$/, '')
}
