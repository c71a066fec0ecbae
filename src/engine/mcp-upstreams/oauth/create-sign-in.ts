import type { AuthorizationServerMetadata } from '@modelcontextprotocol/client'
import { HallpassError } from '../../../contract/errors.ts'
import type { Clock } from '../../clock.ts'
import type { Secret } from '../../secrets/secret.ts'
import type { DialRules } from '../../egress/dial-guard.ts'
import { UpstreamFault } from '../session/message-pipe.ts'
import { openCallbackListener, type CallbackListener } from './callback-listener.ts'
import { askedChallenge, namedServers, readChallenge, scopesOf, shownScopes, type Challenge } from './challenge.ts'
import { discoveredRefusal } from './discovered-address.ts'
import { expiryOf, sealBundle, type OAuthBundle } from './oauth-bundle.ts'
import { createFlow, type Flow } from './sign-in-flow.ts'
import { createSignInFetch } from './sign-in-fetch.ts'

export interface SignInParts {
  url: string
  clock: Clock
  rules: DialRules
  /** Of a client that was registered beforehand; a port of 0 is any. Without, each sign-in registers one. */
  registered: { clientId: string; port: number } | null
  load(): Promise<KeptSignIn>
  keep(secret: Secret): Promise<void>
  /** Every value that must not come out again. */
  known(value: string): void
  /** Cuts them out. */
  scrub(text: string): string
  /** The outcome of a sign-in that `start` began: null, or the sentence that says what went wrong. */
  onOutcome(problem: string | null): void
}

/** What is kept of a connection that signs in. */
export interface KeptSignIn {
  /** null before the first sign-in. */
  bundle: OAuthBundle | null
  /** What the owner gave for the client that was registered beforehand. */
  clientSecret: string | null
  /** Where that is read from, when it is a reference. */
  secretRef: string | null
}

/** Signing in to one upstream with OAuth 2.1, and staying so. */
export interface SignIn {
  /** Finds the authorization server, registers with it, and listens for the browser's return. A start ends the one before it. */
  start(): Promise<{ authorize_url: string; expires_at: string }>
  /** A token that is good now, refreshed when it is about to end; null without a sign-in. */
  accessToken(): Promise<string | null>
  /** After a 401 with this challenge: true when there is another token to try. */
  renew(challenge: string): Promise<boolean>
  /** After a 403 with this challenge: what it means, to complete the sentence; null when it does not ask for a wider sign-in. */
  widen(challenge: string): Promise<string | null>
  /** Why the owner must sign in again, to complete the sentence; null when nothing is known that wants it. */
  needed(): string | null
  close(): void
}

/** Words by which a problem is known as one that signing in solves. */
export const NEEDS_SIGN_IN = 'needs a sign-in'

const WAIT_MS = 5 * 60_000
/** A token this close to its end would end on the way. */
const EARLY_MS = 60_000
const MOST_WANTED = 64

export function createSignIn(parts: SignInParts): SignIn {
  const { url, clock, rules } = parts
  let loaded: KeptSignIn | undefined
  /** Of the newest refusal: some servers say only then what they want. */
  let lastChallenge: Challenge = {}
  /** Scopes that the upstream asked for beyond those of the sign-in. */
  const wanted = new Set<string>()
  let movedTo: string | null = null
  /** The server knew no scope of them, so the next sign-in asks for what it says at first. */
  let narrow = false
  let listening: CallbackListener | null = null
  let renewing: Promise<boolean> | null = null
  let refreshing: Promise<boolean> | null = null
  let lastUsed: string | null = null
  let underWay: AbortController | null = null

  async function known(): Promise<KeptSignIn> {
    if (loaded === undefined) {
      const read = await parts.load()
      loaded ??= read
      remember(read)
    }
    return loaded
  }

  async function kept(): Promise<OAuthBundle | null> {
    return (await known()).bundle
  }

  function remember({ bundle, clientSecret }: KeptSignIn): void {
    for (const value of [
      bundle?.tokens?.access_token,
      bundle?.tokens?.refresh_token,
      bundle?.client?.client_secret,
      clientSecret,
    ])
      if (typeof value === 'string') parts.known(value)
  }

  async function take(bundle: OAuthBundle): Promise<void> {
    const { clientSecret = null, secretRef = null } = loaded ?? {}
    const next = { bundle, clientSecret, secretRef }
    remember(next)
    await parts.keep(sealBundle(bundle))
    loaded = next
  }

  /** Drops what belongs to a server that signs in no more. Its own client, which the owner registered there, stays bound to it. */
  async function dropWhenMoved(): Promise<boolean> {
    const before = await kept()
    if (before?.tokens === null || before === null) return false
    const sdk = await import('@modelcontextprotocol/client')
    const fetcher = createSignInFetch(url, rules, parts.scrub)
    try {
      const servers = await namedServers(sdk, url, lastChallenge, fetcher.fetch)
      const [first] = servers ?? []
      if (servers === null || first === undefined || servers.some((one) => sameServer(one, before.authorizationServer)))
        return false
      movedTo = URL.parse(first)?.origin ?? null
      await take({
        ...before,
        tokens: null,
        client: parts.registered === null ? null : before.client,
        metadata: null,
        expiresAt: null,
        scope: null,
        widened: false,
      })
      return true
    } finally {
      await fetcher.close()
    }
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
      // A server that gives no new refresh token goes on with the old one.
      await take({ ...before, tokens: { ...old, ...tokens }, expiresAt: expiryOf(tokens, clock.now()) })
      return true
    } catch (thrown) {
      if (!(thrown instanceof sdk.OAuthError) || thrown.code === sdk.OAuthErrorCode.ServerError) {
        throw thrown instanceof UpstreamFault || thrown instanceof HallpassError
          ? thrown
          : new UpstreamFault('unreachable', 'could not renew the sign-in just now')
      }
      return false
    } finally {
      await fetcher.close()
    }
  }

  async function finish(
    flow: Flow,
    widened: boolean,
    arrival: Promise<URLSearchParams>,
    end: () => Promise<void>,
  ): Promise<void> {
    try {
      const query = await arrival
      const refusal = query.get('error')
      // Asked for the same again, it would refuse for ever.
      narrow = refusal === 'invalid_scope'
      if (narrow) wanted.clear()
      if (refusal !== null)
        throw new UpstreamFault('refused', `refused the sign-in (${refusal.replaceAll(/[^a-z_]/gi, '').slice(0, 60)})`)
      await flow.complete(query.get('code') ?? '', query.get('iss') ?? undefined)
      const { tokens, client, discovery } = flow.found
      if (tokens === null || client === null || discovery === null) throw new UpstreamFault('refused', 'gave no token')
      await take({
        tokens,
        client,
        expiresAt: expiryOf(tokens, clock.now()),
        authorizationServer: String(discovery.authorizationServerUrl),
        metadata: (discovery.authorizationServerMetadata ?? null) as AuthorizationServerMetadata | null,
        resource: flow.found.resource,
        secretRef: loaded?.secretRef ?? null,
        scope: flow.found.scope,
        widened,
      })
      wanted.clear()
      movedTo = null
      parts.onOutcome(null)
    } catch (thrown) {
      // Another start has taken its place, or nobody came back in time.
      if (thrown instanceof Abandoned) return
      parts.onOutcome(
        thrown instanceof UpstreamFault || thrown instanceof HallpassError
          ? thrown.message
          : 'did not complete the sign-in',
      )
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
      // Of the start before, whose port this one may need.
      await listening?.close()
      const { registered } = parts
      // What cannot be read is replaced by the new sign-in; a client secret that cannot be read is needed.
      const { bundle: before, clientSecret } =
        registered === null
          ? await known().catch((): KeptSignIn => ({ bundle: null, clientSecret: null, secretRef: null }))
          : await known()
      const listener = await openCallbackListener(mine.signal, registered)
      listening = listener
      const fetcher = createSignInFetch(url, rules, parts.scrub)
      const end = async (): Promise<void> => {
        clearTimeout(timer)
        await Promise.all([listener.close(), fetcher.close()])
      }
      try {
        const sdk = await import('@modelcontextprotocol/client')
        const challenge = { ...lastChallenge, ...(await askedChallenge(sdk, url, fetcher.fetch)) }
        const widened = !narrow && (wanted.size > 0 || before?.widened === true)
        // With what was granted before: a sign-in for the new scopes alone would lose it.
        const scope = widened
          ? sdk.computeScopeUnion(challenge.scope, before?.scope ?? before?.tokens?.scope, [...wanted].join(' '))
          : challenge.scope
        const flow = createFlow(sdk, {
          url,
          redirectUrl: listener.redirectUrl,
          fetchFn: fetcher.fetch,
          challenge: { ...challenge, ...(scope === undefined ? {} : { scope }) },
          registered:
            registered === null
              ? null
              : {
                  clientId: registered.clientId,
                  clientSecret,
                  issuer: before?.client?.issuer ?? before?.authorizationServer ?? null,
                },
        })
        const address = await flow.begin()
        const refusal = discoveredRefusal(address.href, url)
        if (refusal !== null) throw new UpstreamFault('protocol', refusal)
        void finish(flow, widened, listener.arrival(flow.state), end)
        return { authorize_url: address.href, expires_at: new Date(clock.now() + WAIT_MS).toISOString() }
      } catch (thrown) {
        await end()
        if (thrown instanceof UpstreamFault || thrown instanceof HallpassError) throw thrown
        throw new UpstreamFault('refused', `offers no sign-in that Hallpass can use (${nameOf(thrown)})`, {
          cause: thrown,
        })
      }
    },
    async accessToken() {
      const now = await kept()
      if (now?.tokens === null || now === null) return null
      if (now.expiresAt !== null && now.expiresAt - EARLY_MS <= clock.now()) {
        const over = now.expiresAt <= clock.now()
        const renewed = await refresh().catch((thrown: unknown) => {
          // The server is away for a moment, and the token is good until its end.
          if (over) throw thrown
          return true
        })
        if (!renewed && over) return null
      }
      lastUsed = (await kept())?.tokens?.access_token ?? null
      return lastUsed
    },
    async renew(header) {
      const used = lastUsed
      const sdk = await import('@modelcontextprotocol/client')
      const { error: _error, ...challenge } = readChallenge(sdk, header)
      lastChallenge = challenge
      const now = await kept()
      if (now === null || now.tokens === null) return false
      if (now.tokens.access_token !== used) return true
      renewing ??= dropWhenMoved()
        .then((moved) => !moved && refresh())
        .finally(() => {
          renewing = null
        })
      return renewing
    },
    async widen(header) {
      const sdk = await import('@modelcontextprotocol/client')
      const { error, scope, resourceMetadataUrl } = readChallenge(sdk, header)
      const scopes = scopesOf(scope)
      if (error !== 'insufficient_scope') return null
      if (scopes.length === 0)
        return 'does not allow this to the account that you signed in with, and does not say which scope it wants.'
      const now = await kept()
      const asked = new Set([...scopesOf(now?.scope), ...scopesOf(now?.tokens?.scope)])
      const missing = scopes.filter((one) => !asked.has(one))
      // Asking once more for what was asked for leads round in circles.
      if (missing.length === 0)
        return `does not allow this for want of the scope ${shownScopes(scopes)}, though you signed in for it: the account may not have that right. Sign in with one that has it.`
      if (new Set([...wanted, ...asked, ...missing]).size > MOST_WANTED)
        return `asks for more than ${MOST_WANTED} scopes, which is the most that Hallpass signs in for.`
      for (const one of missing) wanted.add(one)
      if (resourceMetadataUrl !== undefined) lastChallenge = { ...lastChallenge, resourceMetadataUrl }
      return `is reachable, but ${NEEDS_SIGN_IN} that allows ${shownScopes(missing)} as well`
    },
    needed() {
      if (movedTo !== null) return `is reachable, but ${NEEDS_SIGN_IN} at another server than before, ${movedTo}`
      return wanted.size === 0
        ? null
        : `is reachable, but ${NEEDS_SIGN_IN} that allows ${shownScopes([...wanted])} as well`
    },
    close: () => underWay?.abort(new Abandoned()),
  }
}

class Abandoned extends Error {}

function sameServer(one: string, other: string): boolean {
  return one === other || (URL.canParse(one) && URL.canParse(other) && new URL(one).href === new URL(other).href)
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message.replaceAll(/\s+/g, ' ').slice(0, 160) : 'unknown'
}
