import { HallpassError } from '../../contract/errors.ts'
import type { HttpAuth } from '../../contract/upstreams/http-connection.ts'
import type { Clock } from '../clock.ts'
import type { FetchWhole } from '../egress/fetch-whole.ts'
import { createSecretScrubber } from '../egress/secret-scrubber.ts'
import { parseJsonObject } from '../text/json.ts'
import { untilAborted } from '../text/until-aborted.ts'
import { oneLine } from '../text/visible-text.ts'

type OauthSettings = Extract<HttpAuth, { type: 'oauth' }>

/** A token is replaced this long before it expires, so that none expires in transit. */
const MARGIN_MS = 30_000
const DEFAULT_LIFETIME_MS = 300_000

/** Access tokens by client credentials (RFC 6749, 4.4): in memory only, one token request at a time. */
interface ClientCredentials {
  /** Returns a token that is valid for a while. Calls `clientSecret` only when a new token is needed. */
  token(clientSecret: () => Promise<string>, signal: AbortSignal): Promise<string>
  /** Drops a token that the upstream rejected; a newer one stays. */
  reject(token: string): void
}

export function createClientCredentials(
  settings: OauthSettings,
  fetchWhole: FetchWhole,
  clock: Clock,
): ClientCredentials {
  let current: { token: string; until: number } | null = null
  let pending: Promise<string> | null = null

  async function fetchToken(clientSecret: () => Promise<string>): Promise<string> {
    const secret = (await clientSecret()).trim()
    const reply = await fetchWhole({
      ...tokenRequest(settings, secret),
      hasSecret: true,
      what: 'config.auth.token_url',
    })
    const fields = parseJsonObject(reply.text) ?? {}
    if (reply.status !== 200) throw rejected(reply.status, fields, secret)
    const { access_token: token, expires_in: lifetime } = fields
    if (typeof token !== 'string' || !/^[\x21-\x7e]{1,16384}$/.test(token))
      throw new HallpassError(
        'UPSTREAM_ERROR',
        "The token endpoint didn't return an access token. Check the token URL.",
        { field: 'config.auth.token_url' },
      )
    const lifetimeMs = Number(lifetime) > 0 ? Number(lifetime) * 1000 : DEFAULT_LIFETIME_MS
    current = { token, until: clock.monotonic() + lifetimeMs - Math.min(MARGIN_MS, lifetimeMs / 2) }
    return token
  }

  return {
    token(clientSecret, signal) {
      if (current !== null && current.until > clock.monotonic()) return Promise.resolve(current.token)
      pending ??= fetchToken(clientSecret).finally(() => {
        pending = null
      })
      return untilAborted(pending, signal)
    },
    reject(token) {
      if (current?.token === token) current = null
    },
  }
}

function tokenRequest(settings: OauthSettings, secret: string) {
  const fields = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(settings.scope === undefined ? {} : { scope: settings.scope }),
  })
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  }
  if (settings.send === 'body') {
    fields.set('client_id', settings.client_id)
    fields.set('client_secret', secret)
  } else {
    headers['authorization'] =
      `Basic ${Buffer.from(`${formEncoded(settings.client_id)}:${formEncoded(secret)}`).toString('base64')}`
  }
  return { url: settings.token_url, method: 'POST' as const, headers, body: fields.toString() }
}

/** Quotes the endpoint's own words, without the secret that it may repeat. */
function rejected(status: number, fields: Record<string, unknown>, secret: string): HallpassError {
  const reason = [fields['error'], fields['error_description']]
    .filter((word) => typeof word === 'string')
    .join(': ')
    .slice(0, 300)
  const clean = createSecretScrubber([secret])?.text(reason) ?? reason
  const shown = clean === '' ? '' : `: ${oneLine(clean)}`
  return new HallpassError(
    'UPSTREAM_ERROR',
    `The token endpoint rejected the client credentials (status ${status}${shown}). Check the token URL, client ID, scope and secret.`,
    { field: 'secret' },
  )
}

/** RFC 6749, 2.3.1: ID and secret are form-encoded before they are joined. */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
