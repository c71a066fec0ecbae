import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingDesktop, launchDesktop, type DesktopApp } from '../support/desktop-app.ts'
import { until } from '../support/until.ts'
import { openPort } from './window-port.ts'

describe.skipIf(missingDesktop() !== null)('the life of the app', () => {
  let desktop: DesktopApp
  const owner = () => {
    if (desktop.engine === null) throw new Error('no engine')
    return desktop.engine.control.api
  }
  const paused = async (): Promise<boolean> => (await owner().status()).paused
  let dark = false
  /** Resolves once the app has handled everything that happened before: it reads the settings in order, after what it did. */
  const caughtUp = async (settings: { pause_on_lock?: boolean } = {}): Promise<void> => {
    dark = !dark
    const theme = dark ? 'dark' : 'light'
    await owner().settings.update({ ...settings, theme })
    await until('the app has the theme', () =>
      desktop.app.evaluate(({ nativeTheme }, wanted) => nativeTheme.themeSource === wanted, theme),
    )
  }
  const power = (event: 'suspend' | 'resume' | 'lock-screen' | 'unlock-screen') =>
    desktop.app.evaluate(({ powerMonitor }, name) => {
      ;(powerMonitor as unknown as { emit(name: string): void }).emit(name)
    }, event)

  beforeAll(async () => {
    desktop = await launchDesktop()
    await until('the tray is attached', async () => (await desktop.tray.labels())[0]?.startsWith('Connected') === true)
  })
  afterAll(() => desktop.close())

  test('a locked screen pauses nothing unless the owner turned that on', async () => {
    await caughtUp({ pause_on_lock: false })
    await power('lock-screen')
    await caughtUp()
    expect(await paused()).toBe(false)
    await power('unlock-screen')
  })

  test('lock and sleep pause all access if the owner turned that on, and unlocking resumes it', async () => {
    await caughtUp({ pause_on_lock: true })
    await power('lock-screen')
    await until('access is paused', paused)
    await power('suspend')
    await power('unlock-screen')
    await until('the tray says so', async () => (await desktop.tray.tooltip()).includes('paused'))
    expect(await paused()).toBe(true)
    await power('resume')
    await until('access is back', async () => !(await paused()))
  })

  test('a pause by the owner outlasts a locked screen', async () => {
    await caughtUp({ pause_on_lock: true })
    await owner().pause()
    await until('the tray knows', async () => (await desktop.tray.tooltip()).includes('paused'))
    await power('lock-screen')
    await power('unlock-screen')
    await caughtUp()
    expect(await paused()).toBe(true)
    await owner().resume()
  })

  test('the theme setting applies to the whole app', async () => {
    const source = () => desktop.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)
    await owner().settings.update({ theme: 'dark' })
    await until('it is dark', async () => (await source()) === 'dark')
    await until('the page is dark', () =>
      desktop.window.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches),
    )
    await owner().settings.update({ theme: 'system' })
    await until('it follows the system', async () => (await source()) === 'system')
  })

  test('reloading the page cancels its running calls', async () => {
    const pipes = () =>
      desktop.app.evaluate(() => process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length)
    // The page has its own streams by the time that its screen shows what it reads through them.
    await desktop.window.getByRole('heading', { level: 1 }).waitFor()
    await desktop.window.getByRole('link', { name: 'demo', exact: true }).first().waitFor()
    const before = await pipes()
    const port = await openPort(desktop.window)
    for (let i = 0; i < 5; i += 1)
      await port.send(JSON.stringify({ i: `row${i}`, p: { u: '/owner/requests/follow', b: { json: {} } } }))
    await until('the readers are there', async () => (await pipes()) >= before + 5)
    await port.send(JSON.stringify({ i: 'row0', t: 4 }))
    await until('one was called off', async () => (await pipes()) <= before + 4)
    await desktop.window.reload()
    await until('the readers are gone', async () => (await pipes()) <= before)
  })

  test('a page that crashed is loaded again', async () => {
    await desktop.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      contents?.once('render-process-gone', () => Object.assign(globalThis, { crashed: true }))
      contents?.forcefullyCrashRenderer()
    })
    await until('the page is gone', () =>
      desktop.app.evaluate(({ BrowserWindow }) => {
        const shown = globalThis as unknown as { crashed?: boolean }
        return shown.crashed === true || (BrowserWindow.getAllWindows()[0]?.webContents.isLoading() ?? false)
      }),
    )
    await until('the page answers', () =>
      desktop.app.evaluate(async ({ BrowserWindow }) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents
        return (
          contents !== undefined &&
          !contents.isCrashed() &&
          !contents.isLoading() &&
          ((await contents.executeJavaScript('document.getElementById("root")?.children.length ?? 0')) as number) > 0
        )
      }),
    )
  })
})

describe.skipIf(missingDesktop() !== null)('the app across restarts', () => {
  test('the window opens where it was closed', async () => {
    const home = await mkdtemp(join(tmpdir(), 'hallpass-desktop-'))
    try {
      const first = await launchDesktop({ home, engine: false })
      const bounds = { x: 60, y: 50, width: 950, height: 640 }
      await first.app.evaluate(({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]?.setBounds(to), bounds)
      await until('the place is stored', () => {
        const file = join(home, 'desktop', 'shell.json')
        if (!existsSync(file)) return false
        const stored = JSON.parse(readFileSync(file, 'utf8')) as { bounds?: { width: number } }
        return stored.bounds?.width === bounds.width
      })
      await first.close()
      const second = await launchDesktop({ home, engine: false })
      try {
        expect(await second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds())).toEqual(
          bounds,
        )
      } finally {
        await second.close()
      }
    } finally {
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    }
  })

  test("the system's dialog chooses a file, and canceling it is not an error", async () => {
    const desktop = await launchDesktop({ engine: false })
    try {
      const port = await openPort(desktop.window)
      await desktop.app.evaluate(({ dialog }) => {
        const asked: unknown[] = []
        Object.assign(globalThis, { asked })
        dialog.showOpenDialog = (async (...args: unknown[]) => {
          asked.push(args.at(-1))
          return asked.length === 1
            ? { canceled: true, filePaths: [] }
            : { canceled: false, filePaths: ['/data/orders.sqlite'] }
        }) as typeof dialog.showOpenDialog
      })
      expect(await port.call('/shell/chooseFile', { purpose: 'sqlite' })).toEqual({ status: 200, body: { path: null } })
      expect(await port.call('/shell/chooseFile', { purpose: 'openapi' })).toEqual({
        status: 200,
        body: { path: '/data/orders.sqlite' },
      })
      const asked = await desktop.app.evaluate(
        () => (globalThis as unknown as { asked: { title: string; properties: string[] }[] }).asked,
      )
      expect(asked.map(({ title, properties }) => ({ title, properties }))).toEqual([
        { title: 'Choose a SQLite file', properties: ['openFile'] },
        { title: 'Choose an OpenAPI document', properties: ['openFile'] },
      ])
    } finally {
      await desktop.close()
    }
  })

  test("the system's dialog asks before an MCP command runs, and Enter presses Cancel", async () => {
    const desktop = await launchDesktop()
    try {
      const port = await openPort(desktop.window)
      await until('the engine is attached', async () => (await port.call('/owner/status'))?.status === 200)
      await desktop.app.evaluate(({ dialog }) => {
        const asked: unknown[] = []
        Object.assign(globalThis, { asked })
        dialog.showMessageBox = (async (...args: unknown[]) => {
          asked.push(args.at(-1))
          return { response: 0, checkboxChecked: false }
        }) as typeof dialog.showMessageBox
      })
      const answer = await port.call('/owner/connections/create', {
        name: 'planted',
        config: { kind: 'mcp', command: 'touch', args: ['/tmp/planted'] },
      })
      expect(answer).toMatchObject({ status: 403, body: { data: { code: 'APPROVAL_DENIED' } } })
      const asked = await desktop.app.evaluate(
        () =>
          (
            globalThis as unknown as {
              asked: { message: string; detail: string; buttons: string[]; defaultId: number }[]
            }
          ).asked,
      )
      expect(asked).toHaveLength(1)
      expect(asked[0]).toMatchObject({
        message: 'Run this command for the connection "planted"?',
        buttons: ['Cancel', 'Run command'],
        defaultId: 0,
      })
      expect(asked[0]?.detail).toContain('/tmp/planted')
      expect(await desktop.engine?.control.api.connections.list({})).toHaveLength(1)
    } finally {
      await desktop.close()
    }
  })

  test('a signal ends the app cleanly', async () => {
    const desktop = await launchDesktop()
    try {
      await until(
        'the tray is attached',
        async () => (await desktop.tray.labels())[0]?.startsWith('Connected') === true,
      )
      const gone = new Promise((resolve) => {
        desktop.app.process().once('exit', (code, signal) => resolve({ code, signal }))
      })
      desktop.app.process().kill('SIGTERM')
      expect(await gone).toEqual({ code: 0, signal: null })
      expect((await desktop.engine?.control.api.status())?.paused).toBe(false)
    } finally {
      await desktop.close()
    }
  })
})
