import { APP_ORIGIN } from '../../contract/desktop/window-port.ts'

const MEDIA_TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

interface PageFile {
  name: string
  mediaType: string
}

/**
 * Returns the file of the build for a URL of the app's protocol, or null. `names` are all files of the build, with `/`
 * between folders. A path that isn't listed doesn't exist, however it is written.
 */
export function findPageFile(address: string, names: ReadonlySet<string>): PageFile | null {
  const url = parsed(address)
  if (url === null || `${url.protocol}//${url.host}` !== APP_ORIGIN || url.username !== '' || url.search !== '')
    return null
  const name = url.pathname === '/' ? 'index.html' : url.pathname.slice(1)
  const mediaType = MEDIA_TYPES[name.slice(name.lastIndexOf('.') + 1)]
  return mediaType !== undefined && names.has(name) ? { name, mediaType } : null
}

function parsed(address: string): URL | null {
  try {
    return new URL(address)
  } catch {
    return null
  }
}
