import { HallpassError } from '../../../contract/errors.ts'
import type { Clock } from '../../clock.ts'
import type { DialRules } from '../../egress/dial-guard.ts'
import type { Secret } from '../../secrets/secret.ts'
import { UpstreamFault } from '../session/message-pipe.ts'
import { namedServers, type Challenge } from './challenge.ts'
import { expiryOf, sealBundle, type OAuthBundle } from './oauth-bundle.ts'
import { createSignInFetch } from './sign-in-fetch.ts'

export interface SignInTokensParts {
  url: string
  clock: Clock
  rules: DialRules
  /** A client that was registered in advance; port 0 means any. If null, each sign-in registers one. */
  registered: { clientId: string; port: number } | null
  load(): Promise<StoredSignIn>
  keep(secret: Secret): Promise<void>
  /** Receives every value that must be masked. `slot` says what it is for. */
  known(value: string, slot: string): void
  /** Masks these values. */
  scrub(text: string): string
}

/** What is stored for a connection with OAuth. */
export interface StoredSignIn {
  /** Null before the first sign-in. */
  bundle: OAuthBundle | null
  /** The owner's secret of the client that was registered in advance. */
  clientSecret: string | null
  /** Where that is read from, if it is a reference. */
  secretRef: string | null
}

/** The tokens of one sign-in: stored, refreshed, and dropped when the authorization server changes. */
interface SignInTokens {
  load(): Promise<StoredSignIn>
  current(): Promise<OAuthBundle | null>
  readonly secretRef: string | null
  take(bundle: OAuthBundle): Promise<void>
  /**
   * Runs one refresh at a time, because most servers accept a refresh token only once. Resolves with false if the
   * server requires a new sign-in.
   */
  refresh(): Promise<boolean>
  /**
   * Drops tokens of an authorization server that this upstream no longer uses, and returns the new server. A client
   * that the owner registered stays bound to its server.
   */
  dropIfMoved(challenge: Challenge): Promise<string | null>
}

export function createSignInTokens(parts: SignInTokensParts): SignInTokens {
  const { url, clock, rules } = parts
  let loaded: StoredSignIn | undefined
  let refreshing: Promise<boolean> | null = null

  async function load(): Promise<StoredSignIn> {
    if (loaded === undefined) {
      const read = await parts.load()
      loaded ??= read
      remember(read)
    }
    return loaded
  }

  async function current(): Promise<OAuthBundle | null> {
    return (await load()).bundle
  }

  function remember({ bundle, clientSecret }: StoredSignIn): void {
    const values = {
      'access token': bundle?.tokens?.access_token,
      'refresh token': bundle?.tokens?.refresh_token,
      'registered secret': bundle?.client?.client_secret,
      'client secret': clientSecret,
    }
    for (const [slot, value] of Object.entries(values)) if (typeof value === 'string') parts.known(value, slot)
  }

  async function take(bundle: OAuthBundle): Promise<void> {
    const { clientSecret = null, secretRef = null } = loaded ?? {}
    const next = { bundle, clientSecret, secretRef }
    remember(next)
    await parts.keep(sealBundle(bundle))
    loaded = next
  }

  async function dropIfMoved(challenge: Challenge): Promise<string | null> {
    const before = await current()
    if (before?.tokens === null || before === null) return null
    const sdk = await import('@modelcontextprotocol/client')
    const fetcher = createSignInFetch(url, rules, parts.scrub)
    try {
      const servers = await namedServers(sdk, url, challenge, fetcher.fetch)
      const [first] = servers ?? []
      if (servers === null || first === undefined || servers.some((one) => sameServer(one, before.authorizationServer)))
        return null
      await take({
        ...before,
        tokens: null,
        client: parts.registered === null ? null : before.client,
        metadata: null,
        expiresAt: null,
        scope: null,
        widened: false,
      })
      return URL.parse(first)?.origin ?? first
    } finally {
      await fetcher.close()
    }
  }

  function refresh(): Promise<boolean> {
    refreshing ??= refreshNow().finally(() => {
      refreshing = null
    })
    return refreshing
  }

  async function refreshNow(): Promise<boolean> {
    const before = await current()
    const { tokens: old, client } = before ?? { tokens: null, client: null }
    if (before === null || old?.refresh_token === undefined || client === null) return false
    const sdk = await import('@modelcontextprotocol/client')
    const fetcher = createSignInFetch(url, rules, parts.scrub)
    try {
      const tokens = await sdk.refreshAuthorization(before.authorizationServer, {
        clientInformation: client,
        refreshToken: old.refresh_token,
        fetchFn: fetcher.fetch,
        ...(before.metadata === null ? {} : { metadata: before.metadata }),
        ...(before.resource === null ? {} : { resource: before.resource }),
      })
      // Without a new refresh token, the old one stays valid.
      await take({ ...before, tokens: { ...old, ...tokens }, expiresAt: expiryOf(tokens, clock.now()) })
      return true
    } catch (thrown) {
      if (!(thrown instanceof sdk.OAuthError) || thrown.code === sdk.OAuthErrorCode.ServerError) {
        throw thrown instanceof UpstreamFault || thrown instanceof HallpassError
          ? thrown
          : new UpstreamFault('unreachable', "couldn't renew the sign-in")
      }
      return false
    } finally {
      await fetcher.close()
    }
  }

  return {
    load,
    current,
    get secretRef() {
      return loaded?.secretRef ?? null
    },
    take,
    refresh,
    dropIfMoved,
  }
}

function sameServer(one: string, other: string): boolean {
  return one === other || (URL.canParse(one) && URL.canParse(other) && new URL(one).href === new URL(other).href)
}
