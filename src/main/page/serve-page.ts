import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { protocol } from 'electron'
import { contentSecurityPolicy } from './content-security-policy.ts'
import { findPageFile } from './find-page-file.ts'

const SCHEME = 'hallpass'
const NONCE_PLACEHOLDER = '__CSP_NONCE__'

/** Gives the app's protocol an origin like https, with storage and modules. Must run before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, codeCache: true } },
  ])
}

/** Serves the files of the renderer's build, with a new nonce per load. Everything else is 404. */
export function servePage(folder: string): void {
  const names = existsSync(folder) ? new Set(filesUnder(folder)) : new Set<string>()
  protocol.handle(SCHEME, async ({ method, url }) => {
    const file = method === 'GET' ? findPageFile(url, names) : null
    // The file may be gone: an update can replace the app while it runs.
    const bytes = file === null ? null : await readFile(join(folder, file.name)).catch(() => null)
    if (file === null || bytes === null)
      return new Response('Not found.', { status: 404, headers: { 'content-type': 'text/plain' } })
    const nonce = randomBytes(18).toString('base64')
    const body = file.name.endsWith('.html') ? bytes.toString('utf8').replaceAll(NONCE_PLACEHOLDER, nonce) : bytes
    return new Response(body, {
      headers: {
        'content-type': file.mediaType,
        'content-security-policy': contentSecurityPolicy(nonce),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      },
    })
  })
}

function filesUnder(folder: string, prefix = ''): string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesUnder(folder, `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`],
  )
}
