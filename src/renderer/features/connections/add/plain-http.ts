import { t } from '../../../../contract/text/translate.ts'
import { parseUrl } from '../../../../contract/upstreams/parse-url.ts'

export const PLAIN_HTTP_LABEL = t`Allow sending the secret without encryption`

/** Returns whether a secret would leave this computer unencrypted. The checkbox that allows it is shown only then. */
export function isPlainHttp(text: string): boolean {
  const url = parseUrl(text.trim())
  return url?.protocol === 'http:' && !/^(?:localhost|127\.|\[::1\])/.test(url.hostname)
}
