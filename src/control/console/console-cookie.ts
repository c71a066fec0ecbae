import type { IncomingMessage } from 'node:http'
import { CONSOLE_PATH } from '../../contract/console-api.ts'

/** Cookies know no ports: the name carries it, so that two engines of one host do not sign each other out. */
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

/** Every value that came under our name: another server of this host may have put one beside ours. */
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
