import type { AuthorizationServerMetadata, OAuthTokens, StoredOAuthClientInformation } from '@modelcontextprotocol/client'
import { HallpassError } from '../../../../contract/errors.ts'
import { Secret } from '../../../secrets/secret.ts'

/** All that a signed-in connection keeps, as one secret. */
export interface OAuthBundle {
  tokens: OAuthTokens
  /** Unix ms; null when the server did not say. */
  expiresAt: number | null
  client: StoredOAuthClientInformation
  authorizationServer: string
  metadata: AuthorizationServerMetadata | null
  resource: string | null
}

const METADATA_KEPT = ['issuer', 'authorization_endpoint', 'token_endpoint', 'token_endpoint_auth_methods_supported', 'response_types_supported', 'grant_types_supported', 'code_challenge_methods_supported']
const CLIENT_KEPT = ['client_id', 'client_secret', 'client_secret_expires_at', 'token_endpoint_auth_method', 'issuer']
const TOKENS_KEPT = ['access_token', 'refresh_token', 'token_type', 'scope', 'expires_in']

/** Without what is never needed again: a secret store takes some kilobytes only. */
export function sealBundle(bundle: OAuthBundle): Secret {
  return new Secret(JSON.stringify({
    ...bundle,
    tokens: picked(bundle.tokens, TOKENS_KEPT), client: picked(bundle.client, CLIENT_KEPT),
    metadata: bundle.metadata === null ? null : picked(bundle.metadata, METADATA_KEPT),
  }))
}

export function openBundle(secret: Secret): OAuthBundle {
  try {
    const bundle = JSON.parse(secret.reveal()) as OAuthBundle
    if (typeof bundle.tokens.access_token === 'string' && typeof bundle.client.client_id === 'string') return bundle
  } catch (cause) {
    // The parser's words would quote the tokens.
    if (!(cause instanceof SyntaxError) && !(cause instanceof TypeError)) throw cause
  }
  throw new HallpassError('SECRET_UNAVAILABLE', 'What is kept of the sign-in cannot be read. Sign in again.')
}

export function expiryOf(tokens: OAuthTokens, now: number): number | null {
  return typeof tokens.expires_in === 'number' && Number.isFinite(tokens.expires_in) ? now + tokens.expires_in * 1000 : null
}

function picked(from: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([key, value]) => keys.includes(key) && value !== undefined))
}
