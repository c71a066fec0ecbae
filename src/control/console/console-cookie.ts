import type { IncomingMessage } from 'node:http'
import { CONSOLE_PATH } from '../../contract/owner-api/console-api.ts'

/**
 * Browsers share cookies between all ports of a host. The port in the name keeps two engines from signing each other
 * out.
 */
function cookieName(url: string): string {
  const { port, protocol } = new URL(url)
  return `hallpass_console_${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`
}

function attributes(url: string): string {
  return `Path=${CONSOLE_PATH}; HttpOnly; SameSite=Strict${new URL(url).protocol === 'https:' ? '; Secure' : ''}`
}

export function sessionCookie(url: string, value: string): string {
  return `${cookieName(url)}=${value}; ${attributes(url)}`
}

export function endedCookie(url: string): string {
  return `${cookieName(url)}=; Max-Age=0; ${attributes(url)}`
}

/** Returns every value of our cookie, because another server on this host may have set the same name. */
export function cookiesOf(request: IncomingMessage, url: string): string[] {
  const name = cookieName(url)
  return (request.headers.cookie ?? '')
    .split(';')
    .flatMap((pair) => {
      const cut = pair.indexOf('=')
      return cut > 0 && pair.slice(0, cut).trim() === name ? [pair.slice(cut + 1).trim()] : []
    })
    .slice(0, 8)
}
