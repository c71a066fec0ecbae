import type {
  AuthorizationServerMetadata,
  OAuthTokens,
  StoredOAuthClientInformation,
} from '@modelcontextprotocol/client'
import { HallpassError } from '../../../contract/errors.ts'
import { Secret } from '../../secrets/secret.ts'

/** All that a connection that signs in keeps, as one secret. */
export interface OAuthBundle {
  /** null: dropped, so a sign-in is needed. */
  tokens: OAuthTokens | null
  /** Unix ms; null when the server did not say. */
  expiresAt: number | null
  /** null: the next sign-in registers anew. */
  client: StoredOAuthClientInformation | null
  /** Where the client secret is read from, when its owner gave a reference; it is not kept here then. */
  secretRef: string | null
  authorizationServer: string
  metadata: AuthorizationServerMetadata | null
  resource: string | null
  /** What the sign-in asked for; null when it left that to the server. */
  scope: string | null
  /** The upstream asked for more than it did at first, so the next sign-in asks for all of it again. */
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

/** Without what is never needed again: a secret store takes some kilobytes only. */
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

/** Whether it is what `sealBundle` made, or a client secret that was given before the first sign-in. */
export function looksSealed(secret: Secret): boolean {
  return secret.reveal().startsWith('{"')
}

export function openBundle(secret: Secret): OAuthBundle {
  try {
    const bundle = JSON.parse(secret.reveal()) as OAuthBundle
    const signedIn = typeof bundle.tokens?.access_token === 'string' && typeof bundle.client?.client_id === 'string'
    if (signedIn || (bundle.tokens === null && typeof bundle.authorizationServer === 'string')) {
      // Kept by an earlier version, it says nothing of these.
      return {
        ...bundle,
        secretRef: bundle.secretRef ?? null,
        scope: bundle.scope ?? null,
        widened: bundle.widened ?? false,
      }
    }
  } catch (cause) {
    // The parser's words would quote the tokens.
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
