import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TEST_VAULT_KEY } from '../support/prepare-home.ts'

const root = join(import.meta.dirname, '../..')

/** `npm test` names the npm that runs it; without one, npm is on the PATH. */
function npm(args: string[]): string {
  const path = process.env['npm_execpath']
  const [file, rest] = path === undefined ? ['npm', args] : [process.execPath, [path, ...args]]
  return execFileSync(file, rest, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

describe.skipIf(!existsSync(join(root, 'dist/cli.js')))('the npm package', () => {
  let folder: string
  let files: string[]
  let engine: ChildProcess | undefined

  /** The package in a folder of its own, beside nothing but the packages that it depends on. */
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hallpass-package-'))
    const [packed] = JSON.parse(npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder])) as {
      filename: string
      files: { path: string }[]
    }[]
    files = packed?.files.map(({ path }) => path) ?? []
    execFileSync('tar', ['-xzf', packed?.filename ?? '', '-C', '.'], { cwd: folder })
    const modules = join(folder, 'node_modules')
    mkdirSync(modules)
    renameSync(join(folder, 'package'), join(modules, 'hallpass'))
    const { dependencies } = JSON.parse(readFileSync(join(modules, 'hallpass/package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    for (const name of Object.keys(dependencies)) {
      mkdirSync(dirname(join(modules, name)), { recursive: true })
      symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction')
    }
  }, 60_000)
  afterAll(async () => {
    if (engine?.exitCode === null) {
      engine.kill('SIGTERM')
      await once(engine, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  })

  test('contains the command line, the console and the examples, and nothing of the desktop app', () => {
    expect(files).toEqual(expect.arrayContaining(['bin/hallpass', 'dist/cli.js', 'dist/sql-worker.js', 'LICENSE']))
    expect(files).toEqual(
      expect.arrayContaining([
        'docs/hallpass.schema.json',
        'dist/THIRD-PARTY-NOTICES.txt',
        'dist/renderer/THIRD-PARTY-NOTICES.md',
      ]),
    )
    expect(files).toEqual(expect.arrayContaining(['examples/export.py', 'examples/bulk-load.py']))
    expect(files.filter((path) => path.startsWith('dist/renderer/')).length).toBeGreaterThan(1)
    // npm always includes the file that `main` names, which Electron needs in a checkout. Nothing here imports it.
    expect(files.filter((path) => /^(?:src|tests|assets|dist\/desktop)\/|\.map$/.test(path))).toEqual([
      'dist/desktop/main.cjs',
    ])
  })

  test('serves with Node.js alone, and prints the installed path of the example', async () => {
    const child = spawn(process.execPath, [join(folder, 'node_modules/hallpass/bin/hallpass'), 'serve'], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HALLPASS_HOME: join(folder, 'home'),
        HALLPASS_PORT: '0',
        HALLPASS_VAULT_KEY: TEST_VAULT_KEY,
      },
    })
    engine = child
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
    const exited = once(child, 'exit').then(() => {
      throw new Error(`It ended: ${output}`)
    })
    exited.catch(() => undefined)
    while (!output.includes('Press Ctrl-C')) await Promise.race([once(child.stdout, 'data'), exited])
    const url = /running at (\S+)/.exec(output)?.[1] ?? ''
    expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: 'ok' })
    expect((await fetch(`${url}/console/sign-in`)).status).toBe(200)
    const script = /npx hallpass run .* -- python3 (\S+) Orders/.exec(output)?.[1] ?? ''
    expect(existsSync(join(folder, script)), script).toBe(true)
    expect(readdirSync(join(folder, 'home'))).toContain('documents')
    const doctor = spawnSync(process.execPath, [join(folder, 'node_modules/hallpass/bin/hallpass'), 'doctor'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HALLPASS_HOME: join(folder, 'home') },
      encoding: 'utf8',
    })
    expect([doctor.status, doctor.stdout]).toEqual([0, expect.stringContaining('No problems found.')])
  }, 60_000)
})
