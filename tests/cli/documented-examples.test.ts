import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startControlServer } from '../../src/control/control-server.ts'
import { startHttpUpstream, type TestUpstream } from '../http-apis/support/start-http-upstream.ts'
import { startMcpHttpServer, type McpHttpServer } from '../mcp-upstreams/support/http-server.ts'
import { blocksOf, outputDifference } from '../support/documented-page.ts'
import { startGristStandIn, type GristStandIn } from '../support/grist-stand-in/start-grist-stand-in.ts'
import { runPage } from '../support/run-documented-page.ts'
import { startTestEngine } from '../support/start-test-engine.ts'

/** Pages whose commands are run, except blocks that are marked `sh not-run` because they need something outside. */
const PAGES = [
  'getting-started.md',
  'connect-an-agent.md',
  'scripts-and-session-tokens.md',
  'tokens-and-permissions.md',
  'grist.md',
  'sqlite.md',
  'http-apis.md',
  'mcp-servers.md',
  'api-keys-for-local-tests.md',
]
const KEYS = { GRIST_API_KEY: 'canary0grist0key', STAYS_API_KEY: 'canary-stays-key', TRACKER_KEY: 'canary-tracker-key' }
const DOC = 'sTandInDoc1234567890Ab'
const docs = join(import.meta.dirname, '../../docs')
const require = createRequire(import.meta.url)
const FILES = join(dirname(require.resolve('@modelcontextprotocol/server-filesystem/package.json')), 'dist/index.js')
const missing = ['bash', 'curl', 'python3'].filter((program) => spawnSync(program, ['--version']).error !== undefined)

describe.skipIf(missing.length > 0)('the commands of a page print what it says', () => {
  let stays: TestUpstream
  let tracker: McpHttpServer
  let grist: GristStandIn

  beforeAll(async () => {
    stays = await startHttpUpstream({ answer: answerStays })
    tracker = await startMcpHttpServer()
    grist = await startGristStandIn({
      key: KEYS.GRIST_API_KEY,
      docs: {
        [DOC]: {
          Contacts: { columns: { Name: { type: 'Text' }, City: { type: 'Text' }, Photo: { type: 'Attachments' } } },
        },
      },
    })
  })
  afterAll(async () => {
    await Promise.all([stays[Symbol.asyncDispose](), tracker.close(), grist.close()])
  })

  test.concurrent.each(PAGES.filter((page) => existsSync(join(docs, page))))(
    'docs/%s',
    { timeout: 120_000 },
    async (page) => {
      const folder = mkdtempSync(join(tmpdir(), 'hallpass-page-'))
      try {
        for (const client of ['.config/Claude', '.cursor', '.codex', '.claude'])
          mkdirSync(join(folder, client), { recursive: true })
        await using engine = await startTestEngine({
          clients: {
            launch: { command: [join(folder, 'hallpass/bin/hallpass')], environment: {} },
            places: { platform: 'linux', home: folder, environment: {} },
          },
        })
        const control = await startControlServer({
          home: engine.home,
          router: engine.ownerRouter,
          serveStream: engine.serveStream,
        })
        const results = await runPage(blocksOf(join(docs, page)), {
          folder,
          environment: {
            ...KEYS,
            HALLPASS_HOME: engine.home,
            NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
          },
          names: [
            ['http://127.0.0.1:7717', engine.url],
            ['https://api.stays.example', stays.url],
            ['https://mcp.tracker.example/mcp', tracker.url],
            ['https://docs.getgrist.com/<doc>', `${grist.url}/doc/${DOC}`],
            ['--command npx --arg -y --arg @modelcontextprotocol/server-filesystem', `--command node --arg ${FILES}`],
            ['/home/you/.local/share/hallpass', engine.home],
            ['/home/you', folder],
          ],
        })
        expect(results.length).toBeGreaterThan(0)
        for (const { block, output, failures } of results) {
          const context = `${block.text}\n--- printed\n${output}`
          expect(block.note === 'fails' ? failures > 0 : failures === 0, context).toBe(true)
          if (block.expected !== null) expect(outputDifference(block.expected, output), context).toBeNull()
          for (const key of Object.values(KEYS)) expect(output.includes(key), context).toBe(false)
        }
        await control.close()
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  )

  /** A small API that requires its key. */
  function answerStays(...[request, response, body]: Parameters<TestUpstream['answer']>): void {
    const isKnown = request.headers['x-api-key'] === KEYS.STAYS_API_KEY
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' })
    if (!isKnown) return void response.end('{"error":"invalid key"}')
    if (request.url === '/openapi.yaml') return void response.end(JSON.stringify(OPENAPI))
    response.end(JSON.stringify({ method: request.method, path: request.url, ...(body === '' ? {} : { body }) }))
  }
})

const OPENAPI = {
  openapi: '3.1.0',
  info: { title: 'Stays', version: '1' },
  paths: {
    '/listings': {
      get: { operationId: 'listListings', summary: 'List listings', responses: { 200: { description: 'Listings' } } },
      post: {
        operationId: 'createListing',
        summary: 'Create a listing',
        responses: { 201: { description: 'Created' } },
      },
    },
  },
}

describe('the comparison with a sample', () => {
  test('accepts any text for an ellipsis', () => {
    expect(outputDifference('A …\n…\nC', 'A  1\nB\nB\nC\n')).toBeNull()
  })

  test('finds other, missing and additional lines', () => {
    expect(outputDifference('A', 'B')).toContain('expected "A"')
    expect(outputDifference('A\nB', 'A')).toContain('nothing more')
    expect(outputDifference('A', 'A\nB')).toContain('printed more')
    expect(outputDifference('A\nC', 'A\nB\nC')).toContain('expected "C"')
  })
})
