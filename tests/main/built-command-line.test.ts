import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectControl, engineRuns } from '../../src/control/control-client.ts'

const DIST = join(import.meta.dirname, '../../dist')
const MAIN = join(DIST, 'desktop/main.cjs')
const built = existsSync(MAIN) && existsSync(join(DIST, 'command-line.js'))

/** The built shell on the Node of the shipped runtime; the runtime around it is a stand-in. */
describe.skipIf(!built)('the command line of the app', () => {
  let home: string
  let started: ChildProcess[]
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'hallpass-words-'))
    started = []
  })
  afterEach(async () => {
    if (await engineRuns(home)) await stopEngine()
    for (const child of started) child.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  })

  function start(words: string[], environment: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, ['-r', join(import.meta.dirname, 'stand-in/electron.cjs'), MAIN, ...words], {
      env: {
        ...process.env,
        DISPLAY: ':0',
        HALLPASS_HOME: home,
        HALLPASS_PORT: '0',
        HALLPASS_VAULT_KEY: 'a key for tests only',
        HALLPASS_LOG_LEVEL: 'silent',
        ...environment,
      },
    })
    started.push(child)
    return child
  }

  async function run(words: string[], environment: NodeJS.ProcessEnv = {}) {
    const child = start(words, environment)
    child.stdin.end()
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ])
    return { code, out, err }
  }

  async function stopEngine(): Promise<void> {
    const { api, close } = await connectControl({ home })
    const { pid } = await api.status()
    close()
    process.kill(pid, 'SIGTERM')
    await expect.poll(() => engineRuns(home), { timeout: 15_000 }).toBe(false)
  }

  test('an unknown verb is reported with exit code 2, without a window or an engine', async () => {
    const { code, out, err } = await run(['stats'])
    expect([code, out]).toEqual([2, ''])
    expect(err).toBe(
      'hallpass: Unknown command "stats". Run with --help for a list, or without a command to open the window.\n',
    )
    expect(readdirSync(home)).toEqual([])
  })

  test.skipIf(process.platform !== 'linux')(
    'without a display it explains what to do instead of failing in the runtime',
    async () => {
      const { code, out, err } = await run(['status'], { DISPLAY: '', WAYLAND_DISPLAY: '' })
      expect([code, out]).toEqual([1, ''])
      expect(err).toContain('Put --ozone-platform=headless before the command')
    },
  )

  test("a data folder that can't be created is reported", async () => {
    const file = join(home, 'file')
    writeFileSync(file, '')
    const { code, err } = await run(['status'], { HALLPASS_HOME: join(file, 'home') })
    expect(code).toBe(1)
    expect(err).toContain("can't write to its data folder")
  })

  test('commands fail as under plain Node, with the same exit codes, and start nothing', async () => {
    expect(await run(['status'])).toEqual({
      code: 1,
      out: '',
      err: "hallpass: The Hallpass engine isn't running. Start it with hallpass serve or the desktop app.\n",
    })
    expect(await run(['stdio'])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Missing required option: -p, --project') as string,
    })
    expect(await run(['create', 'connection', 'x', '--type=none'])).toMatchObject({ code: 2, out: '' })
    expect(await engineRuns(home)).toBe(false)
  })

  test('--help lists the verbs', async () => {
    const { code, out, err } = await run(['--help'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('stdio [options]')
  })

  test('stdio without an engine starts the app in the tray and prints nothing but MCP', async () => {
    const first = start(['stdio', '--project', 'status'])
    first.stdin.end()
    const [err, [code]] = await Promise.all([text(first.stderr), once(first, 'exit') as Promise<[number]>])
    expect(err).toContain('status')
    expect(code).toBe(2)
    expect(await engineRuns(home)).toBe(true)

    const control = await connectControl({ home })
    await control.api.tokens.create({ project: 'demo', name: 'agent', kind: 'local' })
    const { pid } = await control.api.status()
    const child = start(['stdio', '--project', 'demo', '--as', 'agent'])
    expect(pid).not.toBe(child.pid)
    const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize })}\n`)
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    expect(JSON.parse(line.toString())).toMatchObject({ id: 1, result: { protocolVersion: '2025-11-25' } })
    child.stdin.end()
    expect(await once(child, 'exit')).toEqual([0, null])

    const status = await run(['status', '-o', 'json'])
    expect([status.code, status.err]).toEqual([0, ''])
    expect(JSON.parse(status.out)).toMatchObject({ pid, home })
    control.close()
  }, 60_000)

  test('the packaged app connects clients to its own executable', async () => {
    mkdirSync(join(home, '.cursor'))
    const app = start(['--hidden'], { STAND_IN_PACKAGED: '1', HOME: home, APPDIR: '', APPIMAGE: '' })
    await expect.poll(() => engineRuns(home), { timeout: 20_000 }).toBe(true)
    const { api, close } = await connectControl({ home })
    await api.tokens.create({ project: 'demo', name: 'agent', kind: 'local' })
    const { diff } = await api.clients.preview({ client: 'cursor', project: 'demo', token: 'agent', act: 'connect' })
    close()
    const words = [
      ...(process.platform === 'linux' ? ['--ozone-platform=headless'] : []),
      'stdio',
      '--project',
      'demo',
      '--as',
      'agent',
    ]
    const added = diff
      .split('\n')
      .filter((row) => /^\+(?!\+)/.test(row))
      .map((row) => row.slice(1))
      .join('')
    expect(JSON.parse(added)).toMatchObject({
      mcpServers: { 'hp-demo': { command: process.execPath, args: words, env: { HALLPASS_HOME: home } } },
    })
    app.kill('SIGTERM')
    expect(await once(app, 'exit')).toEqual([0, null])
  })

  test('serve runs an engine alone, and commands pass on exit codes and signals', async () => {
    const engine = start(['--ozone-platform=headless', 'serve', '--detached'], { DISPLAY: '' })
    await expect.poll(() => engineRuns(home), { timeout: 20_000 }).toBe(true)
    const grant = ['-p', 'demo', '--document', 'sales', '--permissions', 'read']
    const failed = await run([
      'run',
      ...grant,
      '--',
      process.execPath,
      '-e',
      'process.stdout.write(typeof process.env.HALLPASS_TOKEN); process.exit(7)',
    ])
    expect(failed).toEqual({ code: 7, out: 'string', err: '' })

    const waiting = start([
      'run',
      ...grant,
      '--',
      process.execPath,
      '-e',
      'process.on("SIGTERM", () => process.exit(9)); process.stdout.write("on"); setInterval(() => {}, 1000)',
    ])
    await once(waiting.stdout, 'data')
    waiting.kill('SIGTERM')
    expect(await once(waiting, 'exit')).toEqual([9, null])

    const logs = start(['logs', '--follow', '-p', 'demo'])
    await once(logs.stdout, 'data')
    logs.kill('SIGTERM')
    expect(await once(logs, 'exit')).toEqual([143, null])

    engine.kill('SIGINT')
    expect(await once(engine, 'exit')).toEqual([130, null])
    expect(await engineRuns(home)).toBe(false)
  }, 60_000)
})
