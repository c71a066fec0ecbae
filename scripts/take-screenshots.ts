import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { processBrowser } from '../tests/support/chromium.ts'
import { openConsole } from '../tests/support/console-browser.ts'
import { fillLog } from '../tests/support/fill-log.ts'
import { startGristStandIn } from '../tests/support/grist-stand-in/start-grist-stand-in.ts'
import { post, startTestEngine } from '../tests/support/start-test-engine.ts'

/**
 * Takes screenshots of every screen, light and dark, small and large, with example data: `node scripts/take-screenshots.ts OUT`.
 * They are for review after a change, and for the README.
 */
const root = join(import.meta.dirname, '..')
const out = resolve(process.argv[2] ?? join(root, 'screenshots'))
const SIZES = [
  { width: 900, height: 600 },
  { width: 1440, height: 900 },
] as const
const SCREENS: readonly (readonly [name: string, path: string, act?: string])[] = [
  ['overview', '/overview'],
  ['attention', '/attention'],
  ['welcome', '/welcome'],
  ['connections', '/projects/listings/connections'],
  ['add-connection', '/projects/listings/connections', 'Add connection'],
  ['tokens', '/projects/listings/tokens'],
  ['new-token', '/projects/listings/tokens/new?like=report-agent'],
  ['token', '/projects/listings/tokens/report-agent'],
  ['new-session-token', '/projects/listings/tokens', 'New session token'],
  ['connect', '/projects/listings/connect'],
  ['log', '/projects/demo/log'],
  ['activity', '/activity'],
  ['approvals', '/approvals'],
  ['settings', '/settings'],
]

// Screens show upstream commands in full, so they use a name instead of the path of this checkout.
process.env['PATH'] = `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`
const home = mkdtempSync(join(tmpdir(), 'hallpass-pictures-'))
mkdirSync(out, { recursive: true })
const grist = await startGristStandIn({ key: 'a-key-for-pictures' })
const api = createServer((_request, response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"listings":[]}'),
)
await new Promise<void>((done) => {
  api.listen(0, '127.0.0.1', done)
})
const address = api.address()
const port = typeof address === 'object' && address !== null ? address.port : 0

// Creates the sample. Its log is filled after the engine has stopped.
await (await startTestEngine({ home })).stop()
fillLog(home, 60_000, { days: 1 })

const open = await openConsole({ engine: { home } })
const { owner, url } = open.engine
try {
  await owner.projects.create({ name: 'listings' })
  await owner.connections.include({ name: 'sales', project: 'listings' })
  await owner.connections.create({
    name: 'crm',
    project: 'listings',
    config: { kind: 'grist', url: `${grist.url}/o/docs/${grist.docId}` },
    secret: { value: 'a-key-for-pictures' },
  })
  await owner.connections.create({
    name: 'listings-api',
    project: 'listings',
    config: { kind: 'http', url: `http://127.0.0.1:${port}/v1`, auth: { type: 'bearer' } },
    secret: { value: 'another-key-for-pictures' },
  })
  await owner.connections.create({
    name: 'files',
    project: 'listings',
    config: { kind: 'mcp', command: 'mcp-server-filesystem', args: [join(home, 'documents')] },
  })
  for (const name of ['sales', 'crm', 'listings-api', 'files']) await owner.connections.test({ name })
  await owner.tokens.create({ project: 'listings', name: 'claude-desktop', kind: 'local', clone: true, ttl: 'never' })
  await owner.tokens.create({
    project: 'listings',
    name: 'report-agent',
    kind: 'access',
    grants: [
      { connection: 'sales', permissions: ['read'], tables: ['Orders'] },
      { connection: 'crm', permissions: ['read', 'write'] },
    ],
  })
  const { secret } = await owner.tokens.create({
    project: 'listings',
    name: 'nightly-export',
    kind: 'access',
    ttl: '12h',
    grants: [
      { connection: 'sales', permissions: ['read'] },
      { connection: 'listings-api', permissions: ['read'], paths: ['/listings/*'] },
    ],
  })
  await owner.tokens.create({ project: 'listings', name: 'last-quarter', kind: 'access', clone: true })
  await owner.tokens.revoke({ project: 'listings', name: 'last-quarter' })
  const { body } = await post(`${url}/api/v1/sessions`, secret, { document: 'sales', permissions: ['read'] })
  for (let call = 0; call < 12; call += 1)
    await post(`${url}/api/v1/proxy`, String(body['token']), {
      method: 'get_records',
      table: call % 5 === 4 ? 'Ordrs' : 'Orders',
      limit: 50,
    })

  const { page } = open
  for (const viewport of SIZES) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      for (const [name, path, act] of SCREENS) {
        await open.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        if (act !== undefined) await page.getByRole('button', { name: act, exact: true }).click()
        await page.waitForTimeout(900)
        await page.screenshot({ path: join(out, `${name}-${colorScheme}-${viewport.width}.png`) })
        if (act !== undefined) await page.keyboard.press('Escape')
      }
    }
  }
} finally {
  await open[Symbol.asyncDispose]()
  await (await processBrowser()).close()
  await grist.close()
  api.close()
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
}
