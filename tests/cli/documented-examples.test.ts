import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startControlServer, type ControlServer } from '../../src/control/control-server.ts'
import { startHttpUpstream, type TestUpstream } from '../http-apis/support/start-http-upstream.ts'
import { startMcpHttpServer, type McpHttpServer } from '../mcp-upstreams/support/http-server.ts'
import { blocksOf, outputDifference } from '../support/documented-page.ts'
import { startGristStandIn, type GristStandIn } from '../support/grist-stand-in/start-grist-stand-in.ts'
import { prepareFolder, runPage } from '../support/run-documented-page.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

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
  'setup-files-and-backups.md',
  'headless-and-containers.md',
  // Last, because it connects a client and leaves the sample document changed.
  '../README.md',
]
const KEYS = { GRIST_API_KEY: 'canary0grist0key', STAYS_API_KEY: 'canary-stays-key', TRACKER_KEY: 'canary-tracker-key' }
const DOC = 'sTandInDoc1234567890Ab'
const docs = join(import.meta.dirname, '../../docs')
const require = createRequire(import.meta.url)
const FILES = join(dirname(require.resolve('@modelcontextprotocol/server-filesystem/package.json')), 'dist/index.js')
const missing = ['bash', 'curl', 'python3'].filter((program) => spawnSync(program, ['--version']).error !== undefined)

describe.skipIf(missing.length > 0 || !existsSync(join(docs, '../dist/cli.js')))(
  'the commands of a page print the documented output',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'hallpass-pages-'))
    let engine: TestEngine
    let control: ControlServer
    let stays: TestUpstream
    let tracker: McpHttpServer
    let grist: GristStandIn

    beforeAll(async () => {
      for (const client of ['.config/Claude', '.cursor']) mkdirSync(join(folder, client), { recursive: true })
      stays = await startHttpUpstream({ answer: answerStays })
      tracker = await startMcpHttpServer()
      const columns = { Name: { type: 'Text' }, City: { type: 'Text' }, Photo: { type: 'Attachments' } }
      grist = await startGristStandIn({ key: KEYS.GRIST_API_KEY, docs: { [DOC]: { Contacts: { columns } } } })
      engine = await startTestEngine({
        clients: {
          launch: { command: [join(folder, 'hallpass/bin/hallpass')], environment: {} },
          places: { platform: 'linux', home: folder, environment: {} },
        },
      })
      const { home, ownerRouter: router, serveStream } = engine
      control = await startControlServer({ home, router, serveStream })
      prepareFolder(folder)
      mkdirSync(join(folder, 'notes'))
      await engine.owner.connections.create({
        name: 'books',
        config: { kind: 'sqlite', path: join(folder, 'books.sqlite'), create: true },
      })
      await engine.owner.connections.delete({ name: 'books' })
    })
    afterAll(async () => {
      await control.close()
      await engine[Symbol.asyncDispose]()
      await Promise.all([stays[Symbol.asyncDispose](), tracker.close(), grist.close()])
      rmSync(folder, { recursive: true, force: true })
    })
    afterEach(removeWhatThePageCreated)

    test.each(PAGES)('docs/%s', { timeout: 120_000 }, async (page) => {
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
          ['--accept search', '--accept echo'],
          ['/srv/hallpass', join(folder, 'restored')],
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
    })

    /** Leaves only the sample project, so that each page starts as its reader does. */
    async function removeWhatThePageCreated(): Promise<void> {
      const { owner } = engine
      for (const { name, project } of await owner.tokens.list({}))
        if (name !== 'local-agent') await owner.tokens.delete({ name, project })
      for (const { name } of await owner.connections.list({}))
        if (name !== 'sales') await owner.connections.delete({ name })
      for (const { name } of await owner.projects.list()) if (name !== 'demo') await owner.projects.delete({ name })
    }

    /** A small API that requires its key. */
    function answerStays(...[request, response, body]: Parameters<TestUpstream['answer']>): void {
      const isKnown = request.headers['x-api-key'] === KEYS.STAYS_API_KEY
      response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' })
      if (!isKnown) return void response.end('{"error":"invalid key"}')
      if (request.url === '/openapi.yaml') return void response.end(JSON.stringify(OPENAPI))
      response.end(JSON.stringify({ method: request.method, path: request.url, ...(body === '' ? {} : { body }) }))
    }
  },
)

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
    '/listings/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
      put: {
        operationId: 'updateListing',
        summary: 'Update a listing',
        responses: { 200: { description: 'Updated' } },
      },
    },
  },
}

test('every documented command is run here, or marked as needing something outside', () => {
  const pages = ['../README.md', ...readdirSync(docs).filter((file) => file.endsWith('.md'))]
  const left = pages.filter(
    (page) =>
      // The reference is generated, and its examples are parsed in documented-commands.test.ts.
      page !== 'command-line.md' &&
      !PAGES.includes(page) &&
      blocksOf(join(docs, page)).some(({ language, note }) => language === 'sh' && note !== 'not-run'),
  )
  expect(left).toEqual([])
})

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
