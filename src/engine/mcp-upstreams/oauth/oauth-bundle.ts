import type {
  AuthorizationServerMetadata,
  OAuthTokens,
  StoredOAuthClientInformation,
} from '@modelcontextprotocol/client'
import { HallpassError } from '../../../contract/errors.ts'
import { Secret } from '../../secrets/secret.ts'

/** Everything that a connection with OAuth stores, as one secret. */
export interface OAuthBundle {
  /** Null if they were dropped and a sign-in is needed. */
  tokens: OAuthTokens | null
  /** Milliseconds since 1970, or null if the server didn't say. */
  expiresAt: number | null
  /** Null if the next sign-in must register again. */
  client: StoredOAuthClientInformation | null
  /** Reference to the client secret, if the owner gave one. It isn't stored here then. */
  secretRef: string | null
  authorizationServer: string
  metadata: AuthorizationServerMetadata | null
  resource: string | null
  /** Requested scope. Null if it was left to the server. */
  scope: string | null
  /** The upstream required more scopes later, so the next sign-in requests all of them. */
  widened: boolean
}

const METADATA_KEPT = [
  'issuer',
  'authorization_endpoint',
  'token_endpoint',
  'token_endpoint_auth_methods_supported',
  'response_types_supported',
  'grant_types_supported',
  'code_challenge_methods_supported',
]
const CLIENT_KEPT = ['client_id', 'client_secret', 'client_secret_expires_at', 'token_endpoint_auth_method', 'issuer']
const TOKENS_KEPT = ['access_token', 'refresh_token', 'token_type', 'scope', 'expires_in']

/** Drops what isn't needed again, because secret stores accept only a few kilobytes. */
export function sealBundle(bundle: OAuthBundle): Secret {
  const { tokens, client, secretRef, metadata } = bundle
  return new Secret(
    JSON.stringify({
      ...bundle,
      tokens: tokens === null ? null : picked(tokens, TOKENS_KEPT),
      client:
        client === null
          ? null
          : picked(client, secretRef === null ? CLIENT_KEPT : CLIENT_KEPT.filter((key) => key !== 'client_secret')),
      metadata: metadata === null ? null : picked(metadata, METADATA_KEPT),
    }),
  )
}

/** Returns whether this is the result of `sealBundle` rather than a client secret from before the first sign-in. */
export function looksSealed(secret: Secret): boolean {
  return secret.reveal().startsWith('{"')
}

export function openBundle(secret: Secret): OAuthBundle {
  try {
    const bundle = JSON.parse(secret.reveal()) as OAuthBundle
    const signedIn = typeof bundle.tokens?.access_token === 'string' && typeof bundle.client?.client_id === 'string'
    if (signedIn || (bundle.tokens === null && typeof bundle.authorizationServer === 'string')) {
      // Written by an earlier version, so these are missing.
      return {
        ...bundle,
        secretRef: bundle.secretRef ?? null,
        scope: bundle.scope ?? null,
        widened: bundle.widened ?? false,
      }
    }
  } catch (cause) {
    // The parser's message would quote the tokens.
    if (!(cause instanceof SyntaxError) && !(cause instanceof TypeError)) throw cause
  }
  throw new HallpassError('SECRET_UNAVAILABLE', "The saved sign-in can't be read. Sign in again.", {
    reason: 'needs_sign_in',
  })
}

export function expiryOf(tokens: OAuthTokens, now: number): number | null {
  return typeof tokens.expires_in === 'number' && Number.isFinite(tokens.expires_in)
    ? now + tokens.expires_in * 1000
    : null
}

function picked(from: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([key, value]) => keys.includes(key) && value !== undefined))
}
