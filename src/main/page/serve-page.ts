import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { protocol } from 'electron'
import { contentSecurityPolicy } from './content-security-policy.ts'
import { findPageFile } from './find-page-file.ts'

const SCHEME = 'hallpass'
const NONCE_PLACEHOLDER = '__CSP_NONCE__'

/** Before the app is ready: makes the app's own protocol an origin like https, with storage and modules. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, codeCache: true } },
  ])
}

/** Serves the files of the renderer's build, each load under a nonce of its own; anything else is not found. */
export function servePage(folder: string): void {
  const names = existsSync(folder) ? new Set(filesUnder(folder)) : new Set<string>()
  protocol.handle(SCHEME, async ({ method, url }) => {
    const file = method === 'GET' ? findPageFile(url, names) : null
    // A file may have gone since: an update that replaces the app while it runs.
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
