import type { FetchLike } from '@modelcontextprotocol/client'
import type { DialRules } from '../../egress/dial-guard.ts'
import { createUpstreamFetch, type UpstreamFetch } from '../http/upstream-fetch.ts'
import { UpstreamFault } from '../session/message-pipe.ts'
import { discoveredProblem } from './discovered-address.ts'

const SIGN_IN_MS = 20_000

interface SignInFetch {
  fetch: FetchLike
  close(): Promise<void>
}

/**
 * Creates the fetch for discovery and authorization servers: any origin that a server names, each behind the dial
 * guard, never with our secrets.
 */
export function createSignInFetch(ownersUrl: string, rules: DialRules, scrub: (text: string) => string): SignInFetch {
  const perOrigin = new Map<string, Promise<UpstreamFetch>>()
  return {
    async fetch(input, init) {
      const url = new URL(input)
      const problem = discoveredProblem(url.href, ownersUrl)
      if (problem !== null) throw new UpstreamFault('protocol', problem)
      // The owner allowed a private network for the server itself, not for URLs that it names.
      const pinned = rules.pinned && url.hostname === new URL(ownersUrl).hostname
      const upstream =
        perOrigin.get(url.origin) ??
        createUpstreamFetch({ url: url.origin, rules: { ...rules, pinned }, secretHeaders: () => Promise.resolve({}) })
      perOrigin.set(url.origin, upstream)
      const timeout = AbortSignal.timeout(SIGN_IN_MS)
      const response = await (
        await upstream
      ).fetch(url, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout })
      if (response.ok || response.body === null) return response
      // The SDK prints error bodies to stderr, and the server may have included what it was sent.
      return new Response(scrub(await response.text()), { status: response.status, headers: response.headers })
    },
    async close() {
      await Promise.all([...perOrigin.values()].map(async (upstream) => (await upstream).close()))
    },
  }
}
