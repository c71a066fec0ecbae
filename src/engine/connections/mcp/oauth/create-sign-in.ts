import { randomBytes } from 'node:crypto'
import type { AuthorizationServerMetadata, OAuthClientProvider, OAuthDiscoveryState, OAuthTokens, StoredOAuthClientInformation } from '@modelcontextprotocol/client'
import { HallpassError } from '../../../../contract/errors.ts'
import type { Clock } from '../../../clock.ts'
import type { Secret } from '../../../secrets/secret.ts'
import type { DialRules } from '../../http/dial-guard.ts'
import { UpstreamFault } from '../message-pipe.ts'
import { openCallbackListener } from './callback-listener.ts'
import { discoveredRefusal } from './discovered-address.ts'
import { expiryOf, openBundle, sealBundle, type OAuthBundle } from './oauth-bundle.ts'
import { createSignInFetch } from './sign-in-fetch.ts'

export interface SignInParts {
  url: string
  clock: Clock
  rules: DialRules
  /** The kept bundle; null when there is none yet. */
  load(): Promise<Secret | null>
  keep(secret: Secret): Promise<void>
  /** Every value that must not come out again. */
  known(value: string): void
  /** The outcome of a sign-in that `start` began: null, or the sentence that says what went wrong. */
  onOutcome(problem: string | null): void
}

/** Signing in to one upstream with OAuth 2.1, and staying so. */
export interface SignIn {
  /** Finds the authorization server, registers with it, and listens for the browser's return. A start ends the one before it. */
  start(): Promise<{ authorize_url: string; expires_at: string }>
  /** A token that is good now, refreshed when it is about to end; null without a sign-in. */
  accessToken(): Promise<string | null>
  /** After a 401: true when there is another token to try. */
  renew(): Promise<boolean>
  close(): void
}

/** Words by which a problem is known as one that signing in solves. */
export const NEEDS_SIGN_IN = 'needs a sign-in'

const WAIT_MS = 5 * 60_000
/** A token this close to its end would end on the way. */
const EARLY_MS = 60_000

export function createSignIn(parts: SignInParts): SignIn {
  const { url, clock, rules } = parts
  let bundle: OAuthBundle | null | undefined
  let refreshing: Promise<boolean> | null = null
  let lastUsed: string | null = null
  let underWay: AbortController | null = null

  async function kept(): Promise<OAuthBundle | null> {
    if (bundle === undefined) {
      const secret = await parts.load()
      const loaded = secret === null ? null : openBundle(secret)
      bundle ??= loaded
      if (loaded !== null) remember(loaded)
    }
    return bundle
  }

  function remember({ tokens, client }: OAuthBundle): void {
    for (const value of [tokens.access_token, tokens.refresh_token, client.client_secret]) if (value !== undefined) parts.known(value)
  }

  async function take(next: OAuthBundle): Promise<void> {
    remember(next)
    await parts.keep(sealBundle(next))
    bundle = next
  }

  /** One at a time: most servers take a refresh token once. False when the server wants a new sign-in. */
  function refresh(): Promise<boolean> {
    refreshing ??= refreshNow().finally(() => {
      refreshing = null
    })
    return refreshing
  }

  async function refreshNow(): Promise<boolean> {
    const before = await kept()
    if (before?.tokens.refresh_token === undefined) return false
    const sdk = await import('@modelcontextprotocol/client')
    const fetcher = createSignInFetch(url, rules)
    try {
      const tokens = await sdk.refreshAuthorization(before.authorizationServer, {
        clientInformation: before.client, refreshToken: before.tokens.refresh_token, fetchFn: fetcher.fetch,
        ...(before.metadata === null ? {} : { metadata: before.metadata }),
        ...(before.resource === null ? {} : { resource: before.resource }),
      })
      // A server that gives no new refresh token goes on with the old one.
      await take({ ...before, tokens: { ...before.tokens, ...tokens }, expiresAt: expiryOf(tokens, clock.now()) })
      return true
    } catch (thrown) {
      if (!(thrown instanceof sdk.OAuthError) || thrown.code === sdk.OAuthErrorCode.ServerError) {
        throw thrown instanceof UpstreamFault || thrown instanceof HallpassError ? thrown : new UpstreamFault('unreachable', 'could not renew the sign-in just now')
      }
      return false
    } finally {
      await fetcher.close()
    }
  }

  async function finish(flow: Flow, arrival: Promise<URLSearchParams>, end: () => Promise<void>): Promise<void> {
    try {
      const query = await arrival
      const refusal = query.get('error')
      if (refusal !== null) throw new UpstreamFault('refused', `refused the sign-in (${refusal.replaceAll(/[^a-z_]/gi, '').slice(0, 60)})`)
      await flow.complete(query.get('code') ?? '', query.get('iss') ?? undefined)
      const { tokens, client, discovery } = flow.found
      if (tokens === null || client === null || discovery === null) throw new UpstreamFault('refused', 'gave no token')
      await take({
        tokens, client, expiresAt: expiryOf(tokens, clock.now()), authorizationServer: String(discovery.authorizationServerUrl),
        metadata: (discovery.authorizationServerMetadata ?? null) as AuthorizationServerMetadata | null, resource: flow.found.resource,
      })
      parts.onOutcome(null)
    } catch (thrown) {
      // Another start has taken its place, or nobody came back in time.
      if (thrown instanceof Abandoned) return
      parts.onOutcome(thrown instanceof UpstreamFault || thrown instanceof HallpassError ? thrown.message : 'did not complete the sign-in')
    } finally {
      await end()
    }
  }

  return {
    async start() {
      underWay?.abort(new Abandoned())
      const mine = new AbortController()
      underWay = mine
      const timer = setTimeout(() => mine.abort(new Abandoned()), WAIT_MS)
      timer.unref()
      const listener = await openCallbackListener(mine.signal)
      const fetcher = createSignInFetch(url, rules)
      const end = async (): Promise<void> => {
        clearTimeout(timer)
        await Promise.all([listener.close(), fetcher.close()])
      }
      try {
        const flow = await createFlow(url, listener.redirectUrl, fetcher.fetch)
        const address = await flow.begin()
        const refusal = discoveredRefusal(address.href, url)
        if (refusal !== null) throw new UpstreamFault('protocol', refusal)
        void finish(flow, listener.arrival(flow.state), end)
        return { authorize_url: address.href, expires_at: new Date(clock.now() + WAIT_MS).toISOString() }
      } catch (thrown) {
        await end()
        if (thrown instanceof UpstreamFault || thrown instanceof HallpassError) throw thrown
        throw new UpstreamFault('refused', `offers no sign-in that Hallpass can use (${nameOf(thrown)})`, { cause: thrown })
      }
    },
    async accessToken() {
      const now = await kept()
      if (now === null) return null
      if (now.expiresAt !== null && now.expiresAt - EARLY_MS <= clock.now()) {
        const over = now.expiresAt <= clock.now()
        const renewed = await refresh().catch((thrown: unknown) => {
          // The server is away for a moment, and the token is good until its end.
          if (over) throw thrown
          return true
        })
        if (!renewed && over) return null
      }
      lastUsed = (await kept())?.tokens.access_token ?? null
      return lastUsed
    },
    async renew() {
      const used = lastUsed
      const now = await kept()
      if (now === null) return false
      return now.tokens.access_token !== used || refresh()
    },
    close: () => underWay?.abort(new Abandoned()),
  }
}

class Abandoned extends Error {}

interface Flow {
  state: string
  begin(): Promise<URL>
  complete(code: string, issuer: string | undefined): Promise<void>
  found: { tokens: OAuthTokens | null; client: StoredOAuthClientInformation | null; discovery: OAuthDiscoveryState | null; resource: string | null }
}

/** One sign-in: the SDK's steps (discovery, registration, PKCE, exchange), with all that it learns held here. */
async function createFlow(url: string, redirectUrl: string, fetchFn: (url: string | URL, init?: RequestInit) => Promise<Response>): Promise<Flow> {
  const sdk = await import('@modelcontextprotocol/client')
  const state = randomBytes(24).toString('base64url')
  const found: Flow['found'] = { tokens: null, client: null, discovery: null, resource: null }
  let verifier = ''
  let address: URL | null = null
  const provider: OAuthClientProvider = {
    redirectUrl,
    clientMetadata: {
      client_name: 'Hallpass', redirect_uris: [redirectUrl], grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'],
      token_endpoint_auth_method: 'none', application_type: 'native',
    },
    state: () => state,
    clientInformation: () => found.client ?? undefined,
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
  const challenge = await challengeOf(sdk, url, fetchFn)
  return {
    state, found,
    async begin() {
      await sdk.auth(provider, { serverUrl: url, fetchFn, ...challenge })
      if (address === null) throw new UpstreamFault('refused', 'gave no address to sign in at')
      return address
    },
    async complete(code, issuer) {
      await sdk.auth(provider, { serverUrl: url, fetchFn, authorizationCode: code, ...(issuer === undefined ? {} : { iss: issuer }), ...challenge })
    },
  }
}

/** What a 401 says of where and for what to sign in; nothing where the server answers otherwise. */
async function challengeOf(sdk: typeof import('@modelcontextprotocol/client'), url: string, fetchFn: (url: string | URL, init?: RequestInit) => Promise<Response>): Promise<{ resourceMetadataUrl?: URL; scope?: string }> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'hallpass', version: '0' } } })
  const response = await fetchFn(url, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }, body })
  await response.body?.cancel()
  if (response.status !== 401 || !response.headers.has('www-authenticate')) return {}
  const { resourceMetadataUrl, scope } = sdk.extractWWWAuthenticateParams(response)
  return { ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }), ...(scope === undefined ? {} : { scope }) }
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message.replaceAll(/\s+/g, ' ').slice(0, 160) : 'unknown'
}
