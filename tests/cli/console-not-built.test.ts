import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

/** The command as built, in a package of its own that holds no build of the screens. */
describe.skipIf(!existsSync(join(root, 'dist', 'cli.js')))('a package without the console', () => {
  let folder: string
  let engine: ChildProcess
  let said = ''
  const start = (words: string[]) =>
    spawn(process.execPath, [join(folder, 'bin', 'hallpass'), ...words], {
      env: {
        ...process.env,
        HALLPASS_HOME: join(folder, 'home'),
        HALLPASS_PORT: '0',
        HALLPASS_VAULT_KEY: 'a key for tests only',
      },
    })
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hallpass-bare-'))
    mkdirSync(join(folder, 'dist'))
    for (const name of readdirSync(join(root, 'dist')))
      if (name.endsWith('.js')) cpSync(join(root, 'dist', name), join(folder, 'dist', name))
    cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true })
    cpSync(join(root, 'package.json'), join(folder, 'package.json'))
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    const child = start(['serve'])
    engine = child
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += String(chunk)
      })
    while (!said.includes('Press Ctrl-C') && child.exitCode === null) await once(child.stdout, 'data')
  })
  afterAll(async () => {
    engine.kill('SIGTERM')
    await once(engine, 'exit')
    rmSync(folder, { recursive: true, force: true })
  })

  test('serves without the console, and says how to build it', async () => {
    expect(said).toContain(
      "The web console isn't built. Run npm run build and restart to use it. Everything else works.",
    )
    expect(said).not.toContain('sign-in')
    const url = /running at (\S+)/.exec(said)?.[1] ?? ''
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect((await fetch(`${url}/console/`)).status).toBe(404)
  })

  test('hallpass console says how to build it, and exits 2', async () => {
    const child = start(['console'])
    let err = ''
    child.stderr.on('data', (chunk) => {
      err += String(chunk)
    })
    const [code] = (await once(child, 'close')) as [number]
    expect([code, err]).toEqual([2, expect.stringContaining('npm run build')])
  })
})
