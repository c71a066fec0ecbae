import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectControl } from '../../src/control/control-client.ts'
import { installPackage } from '../support/install-package.ts'
import { AGENTS, type Way } from './agents.ts'
import { startScriptedModel } from './model/scripted-model.ts'
import type { Step } from './model/steps.ts'
import { TEST_VAULT_KEY } from '../support/prepare-home.ts'

const PROGRAM = fileURLToPath(new URL('../../src/cli/index.ts', import.meta.url))
const require = createRequire(import.meta.url)
const FILES = join(dirname(require.resolve('@modelcontextprotocol/server-filesystem/package.json')), 'dist/index.js')

/** Agents from npm, driven by a scripted model. Only their installation uses the internet. */
describe('agents', () => {
  const root = mkdtempSync(join(tmpdir(), 'hallpass-agents-run-'))
  const home = join(root, 'data')
  const environment = {
    HALLPASS_HOME: home,
    HALLPASS_PORT: '0',
    HALLPASS_VAULT_KEY: TEST_VAULT_KEY,
    NODE_NO_WARNINGS: '1',
  }
  const stepsIn = (folder: string): Step[] => [
    { tool: 'list_tables', args: { document: 'sales' } },
    // A file server reads the agent's own folder instead, if the agent names one.
    { tool: 'files__list_directory', args: { path: join(folder, 'reports') } },
    { tool: 'request_session_token', args: { document: 'sales', permissions: ['read'] } },
    { tool: 'get_records', args: { document: 'sales', table: 'Nope' } },
  ]
  let engine: ChildProcess
  let url: string
  let token: string

  beforeAll(async () => {
    engine = spawn(process.execPath, [PROGRAM, 'serve'], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(engine.stdout ?? engine, 'data')
    const { api, close } = await connectControl({ home })
    url = (await api.status()).url
    await api.connections.create({
      name: 'files',
      project: 'demo',
      config: { kind: 'mcp', command: process.execPath, args: [FILES, root] },
    })
    await api.tokens.create({ project: 'demo', name: 'agents-local', kind: 'local', clone: true })
    token =
      (await api.tokens.create({ project: 'demo', name: 'agents-http', kind: 'access', clone: true })).secret ?? ''
    close()
  }, 60_000)
  afterAll(async () => {
    engine.kill('SIGTERM')
    await once(engine, 'exit')
    rmSync(root, { recursive: true, force: true })
  }, 30_000)

  const ways: [string, () => Way][] = [
    [
      'stdio',
      () => ({
        kind: 'stdio',
        command: process.execPath,
        args: [PROGRAM, 'stdio', '--project', 'demo', '--as', 'agents-local'],
        env: environment,
      }),
    ],
    ['HTTP', () => ({ kind: 'http', url: `${url}/projects/demo/mcp`, token })],
  ]

  describe.each(AGENTS)('$name', (agent) => {
    test.each(ways)(
      'over %s calls a document, an upstream and request_session_token, and passes an error to its model',
      { timeout: 1_200_000 },
      async (wayName, way) => {
        const { command, version } = await installPackage(agent.package, agent.command)
        const folder = mkdtempSync(join(root, 'agent-'))
        mkdirSync(join(folder, 'reports'))
        writeFileSync(join(folder, 'reports', 'quarterly-report.txt'), 'numbers')
        const steps = stepsIn(folder)
        const model = await startScriptedModel(steps)
        try {
          const { args, env } = agent.prepare({ folder, model: model.url, way: way() })
          const output = await run(
            command,
            args,
            { ...env, HOME: folder, PATH: process.env['PATH'] ?? '', CI: '1' },
            folder,
          )
          const { results, tools } = model.transcript
          const seen = `${agent.name} ${version} over ${wayName}: ${JSON.stringify({ tools: [...tools], results, output })}`
          expect(results.length, seen).toBe(steps.length)
          expect(results[0], seen).toContain('Orders')
          expect(results[1], seen).toContain('quarterly-report.txt')
          expect(results[2], seen).toContain('sess_')
          expect(results[3], seen).toContain('Nope')
          process.stdout.write(`${agent.name} ${version} over ${wayName}: ${results[3]}\n`)
        } finally {
          await model.close()
        }
      },
    )
  })
})

function run(command: string, args: string[], env: Record<string, string>, cwd: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const timer = setTimeout(() => child.kill('SIGKILL'), 180_000)
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output = (output + String(chunk)).slice(-4000)
      })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve(`${output}\n(exit ${code ?? signal})`)
    })
  })
}
