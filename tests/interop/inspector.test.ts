import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

const require = createRequire(import.meta.url)
const INSPECTOR = join(
  dirname(require.resolve('@modelcontextprotocol/inspector/package.json')),
  'clients/launcher/build/index.js',
)

describe('the MCP Inspector', () => {
  let engine: TestEngine
  let token: string
  let home: string

  beforeAll(async () => {
    engine = await startTestEngine()
    home = await mkdtemp(join(tmpdir(), 'hallpass-inspector-'))
    const made = await engine.owner.tokens.create({
      project: 'demo',
      name: 'inspector',
      kind: 'access',
      grants: [{ connection: 'sales', permissions: ['read', 'write', 'schema'] }],
    })
    token = made.secret ?? ''
  })
  afterAll(async () => {
    await engine[Symbol.asyncDispose]()
    await rm(home, { recursive: true, force: true })
  })

  function inspect(
    era: string,
    ...options: string[]
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const call = [
      INSPECTOR,
      '--cli',
      `${engine.url}/projects/demo/mcp`,
      '--transport',
      'http',
      '--header',
      `Authorization: Bearer ${token}`,
      '--protocol-era',
      era,
      '--format',
      'json',
      ...options,
    ]
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        call,
        {
          env: { PATH: process.env['PATH'], HOME: home, NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] },
          timeout: 60_000,
        },
        (_error, stdout, stderr) => {
          resolve({ code: child.exitCode, stdout, stderr })
        },
      )
    })
  }

  test.each(['legacy', 'modern'])('finds no problems in the tools (%s era)', { timeout: 90_000 }, async (era) => {
    const { code, stdout, stderr } = await inspect(era, '--method', 'tools/list', '--strict')
    expect(code).toBe(0)
    expect(stderr).not.toMatch(/Warning:|Error:/)
    expect(stdout).toContain('request_session_token')
  })

  test.each(['legacy', 'modern'])('gets a session token (%s era)', { timeout: 90_000 }, async (era) => {
    const { code, stdout } = await inspect(
      era,
      '--method',
      'tools/call',
      '--tool-name',
      'request_session_token',
      '--tool-args-json',
      '{"document":"sales","permissions":["read"]}',
    )
    expect(code).toBe(0)
    expect(stdout).toContain('"document":"sales"')
  })
})
