import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TEST_VAULT_KEY } from '../support/prepare-home.ts'

const root = join(import.meta.dirname, '..', '..')
const built = existsSync(join(root, 'dist', 'cli.js'))
const desktopBuilt = existsSync(join(root, 'dist', 'desktop', 'main.cjs'))

describe.skipIf(!built || process.platform === 'win32')('npm start, as a process', () => {
  let scratch: string
  let child: ChildProcess
  let said = ''
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'hallpass-start-'))
    said = ''
  })
  afterEach(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    rmSync(scratch, { recursive: true, force: true })
  })

  function start(args: string[], more: NodeJS.ProcessEnv): void {
    const { DISPLAY: _, WAYLAND_DISPLAY: __, ...environment } = process.env
    child = spawn(process.execPath, [join(root, 'scripts', 'start.ts'), ...args], {
      env: {
        ...environment,
        HALLPASS_HOME: join(scratch, 'home'),
        HALLPASS_PORT: '0',
        HALLPASS_VAULT_KEY: TEST_VAULT_KEY,
        ...more,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        said += String(chunk)
      })
  }
  const heard = (words: string) => expect.poll(() => said, { timeout: 20_000 }).toContain(words)

  /** Stands in for Electron: says what it was given, and does what `then` says. */
  function fakeElectron(then: string): NodeJS.ProcessEnv {
    const program = join(scratch, 'electron')
    writeFileSync(program, `#!/bin/sh\necho "app pid $$ $@"\n${then}\n`)
    chmodSync(program, 0o755)
    return { DISPLAY: ':99', ELECTRON_OVERRIDE_DIST_PATH: scratch, ELECTRON_RUN_AS_NODE: '1' }
  }
  const isGone = (pid: number): boolean => {
    try {
      process.kill(pid, 0)
      return false
    } catch {
      return true
    }
  }

  test('without a display, says so, serves, and ends on a signal without leaving a process behind', async () => {
    start([], {})
    await heard('Press Ctrl-C')
    expect(said).toMatch(/^Starting without a window \(no display/)
    const pid = Number(/"pid":\s*(\d+)/.exec(await statusOf(join(scratch, 'home')))?.[1])
    child.kill('SIGTERM')
    const [code] = (await once(child, 'exit')) as [number | null]
    expect(code).toBe(0)
    expect(isGone(pid)).toBe(true)
  })

  test('passes on the exit code of the started program', async () => {
    start(['--headless', '--log-mode', 'wrong'], {})
    const [code] = (await once(child, 'exit')) as [number | null]
    expect([code, said]).toEqual([2, expect.stringContaining('--log-mode')])
  })

  test.skipIf(!desktopBuilt)(
    'starts the app with this folder, passes a signal on, and returns its exit code',
    async () => {
      start(
        ['--no-sandbox'],
        fakeElectron(
          'test -z "$ELECTRON_RUN_AS_NODE" || exit 9\ntrap "exit 7" TERM\necho ready\nwhile :; do sleep 0.1; done',
        ),
      )
      // Without its trap, the signal would end it.
      await heard('ready')
      expect(said).toContain('Starting the desktop app')
      expect(said).toMatch(new RegExp(`app pid \\d+ ${root} --no-sandbox`))
      child.kill('SIGTERM')
      const [code] = (await once(child, 'exit')) as [number | null]
      expect(code).toBe(7)
      expect(isGone(Number(/app pid (\d+)/.exec(said)?.[1]))).toBe(true)
    },
  )

  test('ends with the process that started it, even if that ends silently', async () => {
    const { DISPLAY: _, WAYLAND_DISPLAY: __, ...environment } = process.env
    // A shell that stays between, as npm's does.
    child = spawn(
      '/bin/sh',
      ['-c', '"$0" "$1" --headless; true', process.execPath, join(root, 'scripts', 'start.ts')],
      {
        env: {
          ...environment,
          HALLPASS_HOME: join(scratch, 'home'),
          HALLPASS_PORT: '0',
          HALLPASS_VAULT_KEY: TEST_VAULT_KEY,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    child.stdout?.on('data', (chunk) => {
      said += String(chunk)
    })
    await heard('Press Ctrl-C')
    const address = /running at (http:\S+)/.exec(said)?.[1] ?? ''
    expect((await fetch(`${address}/healthz`)).status).toBe(200)
    child.kill('SIGKILL')
    await expect
      .poll(
        () =>
          fetch(`${address}/healthz`).then(
            () => 'answers',
            () => 'gone',
          ),
        { timeout: 15_000 },
      )
      .toBe('gone')
  })

  test.skipIf(!desktopBuilt)('serves without a window if the app does not start, with matching arguments', async () => {
    start(['--no-sandbox', '--log-mode', 'strict'], fakeElectron('exit 133'))
    await heard('Press Ctrl-C')
    expect(said).toContain("The desktop app didn't start (exit code 133). Starting without a window.")
  })
})

async function statusOf(home: string): Promise<string> {
  const child = spawn(process.execPath, [join(root, 'bin', 'hallpass'), 'status', '-o', 'json'], {
    env: { ...process.env, HALLPASS_HOME: home },
  })
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += String(chunk)
  })
  await once(child, 'close')
  return out
}
