import type { AuthorizationServerMetadata } from '@modelcontextprotocol/client'
import { HallpassError } from '../../../contract/errors.ts'
import { UpstreamFault } from '../session/message-pipe.ts'
import { openCallbackListener, type CallbackListener } from './callback-listener.ts'
import { requestedChallenge, readChallenge, scopesOf, shownScopes, type Challenge } from './challenge.ts'
import { discoveredProblem } from './discovered-address.ts'
import { expiryOf } from './oauth-bundle.ts'
import { createFlow, type Flow } from './sign-in-flow.ts'
import { createSignInTokens, type SignInTokensParts, type StoredSignIn } from './sign-in-tokens.ts'
import { createSignInFetch } from './sign-in-fetch.ts'

interface SignInParts extends SignInTokensParts {
  /** Called with the outcome of a sign-in: null, or what went wrong, to complete "the server …". */
  onOutcome(problem: string | null): void
}

/** Signs in to one upstream with OAuth 2.1 and keeps it signed in. */
export interface SignIn {
  /**
   * Finds the authorization server, registers with it and listens for the redirect. Ends an earlier sign-in that is
   * still open.
   */
  start(): Promise<{ authorize_url: string; expires_at: string }>
  /** Returns a valid token, refreshed shortly before it expires, or null without a sign-in. */
  accessToken(): Promise<string | null>
  /** Handles the challenge of a 401. Returns true if there is another token to try. */
  renew(challenge: string): Promise<boolean>
  /**
   * Handles the challenge of a 403. Returns what it means, to complete a sentence, or null if it doesn't require
   * further scopes.
   */
  widen(challenge: string): Promise<UpstreamFault | null>
  /** Returns why the owner must sign in again, to complete a sentence, or null if that isn't known to be necessary. */
  needed(): string | null
  close(): void
}

const WAIT_MS = 5 * 60_000
/** A token this close to its expiry is refreshed first, so that it doesn't expire in transit. */
const EARLY_MS = 60_000
const MAX_SCOPES = 64

export function createSignIn(parts: SignInParts): SignIn {
  const { url, clock, rules } = parts
  const store = createSignInTokens(parts)
  /** From the newest 401, because some servers say only then what they require. */
  let lastChallenge: Challenge = {}
  /** Scopes that the upstream required in addition to those of the sign-in. */
  const wanted = new Set<string>()
  let movedTo: string | null = null
  /** The server doesn't know those scopes, so the next sign-in requests its default. */
  let narrow = false
  let listening: CallbackListener | null = null
  let renewing: Promise<boolean> | null = null
  let lastUsed: string | null = null
  let running: AbortController | null = null

  async function finish(
    flow: Flow,
    widened: boolean,
    arrival: Promise<URLSearchParams>,
    end: () => Promise<void>,
  ): Promise<void> {
    try {
      const query = await arrival
      const rejection = query.get('error')
      // The server would reject the same request forever.
      narrow = rejection === 'invalid_scope'
      if (narrow) wanted.clear()
      if (rejection !== null)
        throw new UpstreamFault(
          'refused',
          `rejected the sign-in (${rejection.replaceAll(/[^a-z_]/gi, '').slice(0, 60)})`,
        )
      await flow.complete(query.get('code') ?? '', query.get('iss') ?? undefined)
      const { tokens, client, discovery } = flow.found
      if (tokens === null || client === null || discovery === null)
        throw new UpstreamFault('refused', "didn't return a token")
      await store.take({
        tokens,
        client,
        expiresAt: expiryOf(tokens, clock.now()),
        authorizationServer: String(discovery.authorizationServerUrl),
        metadata: (discovery.authorizationServerMetadata ?? null) as AuthorizationServerMetadata | null,
        resource: flow.found.resource,
        secretRef: store.secretRef,
        scope: flow.found.scope,
        widened,
      })
      wanted.clear()
      movedTo = null
      parts.onOutcome(null)
    } catch (thrown) {
      // Another sign-in replaced this one, or the browser didn't return in time.
      if (thrown instanceof Abandoned) return
      parts.onOutcome(
        thrown instanceof UpstreamFault || thrown instanceof HallpassError
          ? thrown.message
          : "didn't complete the sign-in",
      )
    } finally {
      await end()
    }
  }

  return {
    async start() {
      running?.abort(new Abandoned())
      const mine = new AbortController()
      running = mine
      const timer = setTimeout(() => mine.abort(new Abandoned()), WAIT_MS)
      timer.unref()
      // The previous sign-in may still use the port.
      await listening?.close()
      const { registered } = parts
      // An unreadable sign-in can be replaced, but an unreadable client secret can't.
      const { bundle: before, clientSecret } =
        registered === null
          ? await store.load().catch((): StoredSignIn => ({ bundle: null, clientSecret: null, secretRef: null }))
          : await store.load()
      const listener = await openCallbackListener(mine.signal, registered)
      listening = listener
      const fetcher = createSignInFetch(url, rules, parts.scrub)
      const end = async (): Promise<void> => {
        clearTimeout(timer)
        await Promise.all([listener.close(), fetcher.close()])
      }
      try {
        const sdk = await import('@modelcontextprotocol/client')
        const challenge = { ...lastChallenge, ...(await requestedChallenge(sdk, url, fetcher.fetch)) }
        const widened = !narrow && (wanted.size > 0 || before?.widened === true)
        // Includes the scopes granted before, which would otherwise be lost.
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
        const rejection = discoveredProblem(address.href, url)
        if (rejection !== null) throw new UpstreamFault('protocol', rejection)
        void finish(flow, widened, listener.arrival(flow.state), end)
        return { authorize_url: address.href, expires_at: new Date(clock.now() + WAIT_MS).toISOString() }
      } catch (thrown) {
        await end()
        if (thrown instanceof UpstreamFault || thrown instanceof HallpassError) throw thrown
        throw new UpstreamFault(
          'refused',
          `doesn't offer a sign-in method that Hallpass supports (${nameOf(thrown)})`,
          {
            cause: thrown,
          },
        )
      }
    },
    async accessToken() {
      const now = await store.current()
      if (now?.tokens === null || now === null) return null
      if (now.expiresAt !== null && now.expiresAt - EARLY_MS <= clock.now()) {
        const isExpired = now.expiresAt <= clock.now()
        const renewed = await store.refresh().catch((thrown: unknown) => {
          // The server is temporarily unreachable, and the token is valid until it expires.
          if (isExpired) throw thrown
          return true
        })
        if (!renewed && isExpired) return null
      }
      lastUsed = (await store.current())?.tokens?.access_token ?? null
      return lastUsed
    },
    async renew(header) {
      const used = lastUsed
      const sdk = await import('@modelcontextprotocol/client')
      const { error: _error, ...challenge } = readChallenge(sdk, header)
      lastChallenge = challenge
      const now = await store.current()
      if (now === null || now.tokens === null) return false
      if (now.tokens.access_token !== used) return true
      renewing ??= store
        .dropIfMoved(lastChallenge)
        .then((origin) => {
          movedTo = origin ?? movedTo
          return origin === null && store.refresh()
        })
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
      if (scopes.length === 0) return denied("denied this for your account and didn't say which scope it needs.")
      const now = await store.current()
      const requested = new Set([...scopesOf(now?.scope), ...scopesOf(now?.tokens?.scope)])
      const missing = scopes.filter((one) => !requested.has(one))
      // Requesting the same scopes again would loop.
      if (missing.length === 0)
        return denied(
          `denied this although you signed in with the scope ${shownScopes(scopes)}. Your account may not have that permission. Sign in with another account.`,
        )
      if (new Set([...wanted, ...requested, ...missing]).size > MAX_SCOPES)
        return denied(`asks for more than ${MAX_SCOPES} scopes, which Hallpass doesn't support.`)
      for (const one of missing) wanted.add(one)
      if (resourceMetadataUrl !== undefined) lastChallenge = { ...lastChallenge, resourceMetadataUrl }
      return new UpstreamFault(
        'needs_sign_in',
        `requires you to sign in again with the scope ${shownScopes(missing)}`,
        { status: 403 },
      )
    },
    needed() {
      if (movedTo !== null) return `requires you to sign in at a different server than before: ${movedTo}`
      return wanted.size === 0 ? null : `requires you to sign in again with the scope ${shownScopes([...wanted])}`
    },
    close: () => running?.abort(new Abandoned()),
  }
}

class Abandoned extends Error {}

function denied(message: string): UpstreamFault {
  return new UpstreamFault('refused', message, { status: 403 })
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message.replaceAll(/\s+/g, ' ').slice(0, 160) : 'unknown'
}
