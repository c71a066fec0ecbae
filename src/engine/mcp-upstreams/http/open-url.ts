import type { McpConnectionConfig } from '../../../contract/upstreams/mcp-connection.ts'
import type { DialRules, Resolve } from '../../egress/dial-guard.ts'
import type { KnownSecrets } from '../known-secrets.ts'
import type { SignIn } from '../oauth/create-sign-in.ts'
import type { MessagePipe } from '../session/message-pipe.ts'
import { openSsePipe, openStreamablePipe } from './http-pipe.ts'
import { createUpstreamFetch } from './upstream-fetch.ts'

/** Opens a pipe to the URL of a connection, with its secrets in the headers of each request. */
export async function openUrl(
  url: string,
  parts: {
    config: McpConnectionConfig
    rules: DialRules
    known: KnownSecrets
    headers: () => Promise<Record<string, string>>
    resolve?: Resolve | undefined
    /** Set if the connection uses OAuth. */
    signIn: Pick<SignIn, 'accessToken' | 'renew' | 'widen' | 'needed'> | null
  },
): Promise<MessagePipe> {
  const { known, signIn } = parts
  const sdk = await import('@modelcontextprotocol/client')
  // Read once per session, because a keychain is slow, and again after a rejection.
  let headers: Promise<Record<string, string>> | null = null
  const read = (): Promise<Record<string, string>> => {
    const reading = parts.headers()
    // Reads again after a failure, because the keychain may have been locked.
    reading.catch(() => {
      headers = null
    })
    return (headers = reading)
  }
  const renewed = async (): Promise<boolean> => {
    const before = await headers
    return JSON.stringify(before) !== JSON.stringify(await read())
  }
  const upstream = await createUpstreamFetch({
    url,
    rules: parts.rules,
    async secretHeaders() {
      const own = await (headers ?? read())
      const token = (await signIn?.accessToken()) ?? null
      return token === null ? own : { ...own, Authorization: `Bearer ${token}` }
    },
    scrubber: () => known.stream(),
    onUnauthorized: (challenge) => (signIn === null ? renewed() : signIn.renew(challenge)),
    ...(signIn === null
      ? {}
      : {
          unauthorized: () => signIn.needed() ?? 'requires you to sign in',
          forbidden: (challenge: string) => signIn.widen(challenge),
        }),
    ...(parts.resolve === undefined ? {} : { resolve: parts.resolve }),
  })
  return parts.config.sse === true
    ? openSsePipe(sdk, new URL(url), upstream)
    : openStreamablePipe(sdk, new URL(url), upstream)
}
