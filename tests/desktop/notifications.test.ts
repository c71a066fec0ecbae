import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchDesktop, missingDesktop, type DesktopApp } from '../support/desktop-app.ts'
import { until } from '../support/until.ts'

describe.skipIf(missingDesktop() !== null)('notifications', () => {
  let desktop: DesktopApp
  const owner = () => {
    if (desktop.engine === null) throw new Error('no engine')
    return desktop.engine.control.api
  }
  const titles = async () => (await desktop.notifications()).map(({ title }) => title)

  /** A connection to a server that is gone. */
  async function breakConnection(name: string): Promise<void> {
    const server = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await owner().connections.create({
      name,
      project: 'demo',
      config: { kind: 'http', url: `http://127.0.0.1:${port}/`, auth: { type: 'none' } },
    })
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
    expect(await owner().connections.test({ name })).toMatchObject({ ok: false })
  }

  beforeAll(async () => {
    desktop = await launchDesktop({ args: ['--hidden'], window: false })
    await until('the tray is attached', async () => (await desktop.tray.labels())[0]?.startsWith('Connected') === true)
  })
  afterAll(() => desktop.close())

  test('PA4 a notification opens its item and focuses it, even without an open window', async () => {
    expect(desktop.app.windows()).toEqual([])
    await breakConnection('billing-api')
    await until('it is told', async () => (await titles()).includes('billing-api is down'))
    const opened = desktop.app.waitForEvent('window')
    await desktop.clickNotification('billing-api is down')
    const window = await opened
    await expect
      .poll(() => window.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['item']))
      .toBe('connection_down:billing-api')
  })

  test('PA4 a window that shows another screen moves to the item', async () => {
    const [window] = desktop.app.windows()
    await window?.evaluate(() => {
      location.hash = '#/settings'
    })
    await window?.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
    await breakConnection('crm')
    await until('it is told', async () => (await titles()).includes('crm is down'))
    await desktop.clickNotification('crm is down')
    await expect
      .poll(() => window?.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['item']))
      .toBe('connection_down:crm')
  })

  test('a kind that is turned off sends no notification, and the tray still lists the item', async () => {
    // Attention shows every item, so no notification would be sent while it is open.
    const [window] = desktop.app.windows()
    await window?.evaluate(() => {
      location.hash = '#/settings'
    })
    await window?.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
    await owner().settings.update({ notifications: ['tools_review'] })
    const before = await titles()
    await breakConnection('api-2')
    await until('the tray names it', async () =>
      (await desktop.tray.labels()).some((label) => label.startsWith('api-2 is down')),
    )
    expect(await titles()).toEqual(before)
  })

  test('PA5 no notification and no tray item shows a token', async () => {
    const { token } = await owner().sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] })
    await until('the tray counts it', async () => (await desktop.tray.labels()).includes('Session tokens (1)'))
    const shown = JSON.stringify([await desktop.notifications(), await desktop.tray.texts()])
    expect(shown).toContain('End all')
    expect(shown).not.toContain(token)
    expect(shown).not.toMatch(/sess_|hp_pat_/)
    await owner().sessions.revokeAll()
  })
})
