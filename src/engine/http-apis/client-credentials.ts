import { HallpassError } from '../../contract/errors.ts'
import type { HttpAuth } from '../../contract/http-connection.ts'
import type { Clock } from '../clock.ts'
import { createSecretScrubber } from '../egress/secret-scrubber.ts'
import type { FetchWhole } from '../egress/fetch-whole.ts'

type OauthSettings = Extract<HttpAuth, { type: 'oauth' }>

/** Got again so long before its end, so that none ends on its way. */
const MARGIN_MS = 30_000
const DEFAULT_LIFE_MS = 300_000

/** Access tokens by client credentials (RFC 6749, 4.4): kept in memory alone, one asked for at a time. */
export interface ClientCredentials {
  /** A token that is good for a while. `clientSecret` is asked for only when a new one is needed. */
  token(clientSecret: () => Promise<string>, signal: AbortSignal): Promise<string>
  /** Forgets this token, which the upstream refused; a newer one stays. */
  reject(token: string): void
}

export function createClientCredentials(
  settings: OauthSettings,
  fetchWhole: FetchWhole,
  clock: Clock,
): ClientCredentials {
  let kept: { token: string; until: number } | null = null
  let asking: Promise<string> | null = null

  async function ask(clientSecret: () => Promise<string>): Promise<string> {
    const secret = (await clientSecret()).trim()
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
    const reply = await fetchWhole({
      url: settings.token_url,
      method: 'POST',
      headers,
      body: fields.toString(),
      what: 'the token endpoint',
    })
    const clean = createSecretScrubber([secret])
    const said = parse(reply.text)
    if (reply.status !== 200) {
      const words = [said['error'], said['error_description']]
        .filter((word) => typeof word === 'string')
        .join(': ')
        .slice(0, 300)
      const told = clean === null ? words : clean.text(words)
      // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
      const shown = told === '' ? '' : `: ${told.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')}`
      throw new HallpassError(
        'UPSTREAM_ERROR',
        `The token endpoint of this connection refuses it (status ${reply.status}${shown}). Check token URL, client id, scope and secret.`,
      )
    }
    const { access_token: token, expires_in: life } = said
    if (typeof token !== 'string' || !/^[\x21-\x7e]{1,16384}$/.test(token)) {
      throw new HallpassError(
        'UPSTREAM_ERROR',
        'The token endpoint of this connection answered without an access token. Check the token URL.',
      )
    }
    const lifeMs = Number(life) > 0 ? Number(life) * 1000 : DEFAULT_LIFE_MS
    kept = { token, until: clock.monotonic() + lifeMs - Math.min(MARGIN_MS, lifeMs / 2) }
    return token
  }

  return {
    token(clientSecret, signal) {
      if (kept !== null && kept.until > clock.monotonic()) return Promise.resolve(kept.token)
      asking ??= ask(clientSecret).finally(() => {
        asking = null
      })
      return untilAborted(asking, signal)
    },
    reject(token) {
      if (kept?.token === token) kept = null
    },
  }
}

/** Who goes away stops waiting; the others still get the token. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error)
    if (signal.aborted) return leave()
    signal.addEventListener('abort', leave, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return {}
    throw thrown
  }
}

/** RFC 6749, 2.3.1: id and secret are form-encoded before they are joined. */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
