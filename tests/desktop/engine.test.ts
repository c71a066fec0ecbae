import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { engineRuns } from '../../src/control/control-client.ts'
import { missingDesktop, launchDesktop, startHeadlessEngine } from '../support/desktop-app.ts'
import { until } from '../support/until.ts'
import { findElectron } from '../support/electron.ts'
import { openPort } from './window-port.ts'

const ROOT = join(import.meta.dirname, '../..')

describe.skipIf(missingDesktop() !== null)('the app and its engine', () => {
  test('without an engine, the window and the tray say how to start one, and both connect once it runs', async () => {
    const desktop = await launchDesktop({ engine: false })
    const sentence = "Hallpass isn't running. Start it with hallpass serve"
    try {
      const port = await openPort(desktop.window)
      expect(await port.call('/owner/status')).toMatchObject({
        status: 502,
        body: { data: { code: 'UPSTREAM_ERROR' }, message: sentence },
      })
      await desktop.window.getByText(sentence).waitFor()
      await until('the tray says it', async () => (await desktop.tray.tooltip()) === `Hallpass – ${sentence}`)
      await until('the tray offers to try again', async () => (await desktop.tray.labels()).includes('Try again now'))
      await expect(desktop.tray.press('Pause all access')).rejects.toThrow('no “Pause all access” to press')
      const engine = await startHeadlessEngine(desktop.home)
      try {
        await until(
          'the tray is attached',
          async () => (await desktop.tray.labels())[0]?.startsWith('Connected to 127.0.0.1:') === true,
        )
        await until('calls are answered', async () => (await port.call('/owner/status'))?.status === 200)
        await desktop.window.getByText(sentence).waitFor({ state: 'detached' })
      } finally {
        await engine.kill()
      }
    } finally {
      await desktop.close()
    }
  })

  test('reports a killed engine immediately, and connects to its successor without a message', async () => {
    const desktop = await launchDesktop()
    try {
      const port = await openPort(desktop.window)
      await until('the engine answers', async () => (await port.call('/owner/status'))?.status === 200)
      // Both are watched from before the loss: the sentence gives way to another after some seconds.
      const told = Promise.all([
        desktop.window
          .getByText(/Reconnecting/)
          .first()
          .waitFor(),
        until('the tray tells it', async () => (await desktop.tray.tooltip()).includes('Reconnecting')),
      ])
      await Promise.all([desktop.engine?.kill(), told])
      await until('the loss is told', async () => (await port.call('/owner/status'))?.status === 502)
      const successor = await startHeadlessEngine(desktop.home)
      try {
        await until('the successor answers', async () => (await port.call('/owner/status'))?.status === 200)
        await successor.control.api.projects.create({ name: 'after-the-kill' })
        await desktop.window.getByText('after-the-kill').first().waitFor()
        await expect
          .poll(() => desktop.tray.tooltip())
          .toMatch(/^Hallpass – \d+ agents? active, [\d,]+ requests? today$/)
      } finally {
        await successor.kill()
      }
    } finally {
      await desktop.close()
    }
  })

  test('quitting leaves an engine running that the app only attached to', async () => {
    const desktop = await launchDesktop()
    try {
      const gone = new Promise<number | null>((resolve) => {
        desktop.app.process().once('exit', resolve)
      })
      await desktop.tray.press('Quit Hallpass').catch(() => undefined)
      expect(await gone).toBe(0)
      expect(await engineRuns(desktop.home)).toBe(true)
    } finally {
      await desktop.close()
    }
  })

  test('a second start shows the window of the first and exits', async () => {
    const desktop = await launchDesktop()
    try {
      const visible = () =>
        desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible()))
      // A window that is closed before it was first shown is shown afterward.
      await until('the window is shown at first', async () => (await visible())[0] === true)
      await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
      await until('the window is hidden', async () => (await visible())[0] === false)
      const second = spawn(findElectron() ?? '', ['--no-sandbox', ROOT], {
        env: { ...process.env, HALLPASS_HOME: desktop.home },
        stdio: 'ignore',
      })
      expect(
        await new Promise((resolve) => {
          second.once('exit', resolve)
        }),
      ).toBe(0)
      await until('the window is shown', async () => (await visible())[0] === true)
      expect(await visible()).toHaveLength(1)
    } finally {
      await desktop.close()
    }
  })

  test('opens no window when started at login, until one is requested', async () => {
    const desktop = await launchDesktop({ args: ['--hidden'], window: false })
    try {
      await until('the tray is there', async () => (await desktop.tray.labels()).length > 0)
      expect(await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(0)
      const [page] = await Promise.all([desktop.app.waitForEvent('window'), desktop.tray.press('Open Hallpass')])
      await page.waitForURL('hallpass://app/**')
    } finally {
      await desktop.close()
    }
  })

  test("reports a data folder that can't be created, with what to do", async () => {
    const home = join(await mkdtemp(join(tmpdir(), 'hallpass-desktop-')), 'file')
    try {
      await writeFile(home, 'no folder')
      const child = spawn(findElectron() ?? '', ['--no-sandbox', ROOT], {
        env: { ...process.env, HALLPASS_HOME: home },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let words = ''
      child.stderr.on('data', (chunk: Buffer) => {
        words += chunk.toString('utf8')
      })
      expect(
        await new Promise((resolve) => {
          child.once('exit', resolve)
        }),
      ).toBe(1)
      expect(words).toContain(`Hallpass can't write to its data folder (${home}).`)
    } finally {
      await rm(dirname(home), { recursive: true, force: true })
    }
  })

  test('without a display it names the command to run instead', async () => {
    const home = await mkdtemp(join(tmpdir(), 'hallpass-desktop-'))
    try {
      const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...environment } = process.env
      const child = spawn(findElectron() ?? '', ['--no-sandbox', ROOT], {
        env: { ...environment, HALLPASS_HOME: home },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let words = ''
      child.stderr.on('data', (chunk: Buffer) => {
        words += chunk.toString('utf8')
      })
      expect(
        await new Promise((resolve) => {
          child.once('exit', resolve)
        }),
      ).toBe(1)
      expect(words).toContain('hallpass: No display found. To run Hallpass without a window, use hallpass serve')
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  })
})
