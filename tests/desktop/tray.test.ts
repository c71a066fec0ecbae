import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingDesktop, launchDesktop, type DesktopApp } from '../support/desktop-app.ts'
import { until } from '../support/until.ts'
import { post } from '../support/start-test-engine.ts'
import { openPort, type WindowPort } from './window-port.ts'

describe.skipIf(missingDesktop() !== null)('the tray', () => {
  let desktop: DesktopApp
  let port: WindowPort
  const clipboard = () => desktop.app.evaluate(({ clipboard }) => clipboard.readText())
  const owner = () => {
    if (desktop.engine === null) throw new Error('no engine')
    return desktop.engine.control.api
  }
  const use = async (token: string) =>
    post(`${(await owner().status()).url}/api/v1/proxy`, token, { method: 'list_tables' })

  /** Presses an item once the tray offers it: its menu follows the engine. */
  const press = (path: string) =>
    until(`the tray offers ${path}`, () =>
      desktop.tray.press(path).then(
        () => true,
        () => false,
      ),
    )
  const lastNotification = async () => (await desktop.notifications()).at(-1)

  beforeAll(async () => {
    desktop = await launchDesktop()
    port = await openPort(desktop.window)
    await until('the tray is attached', async () => (await desktop.tray.labels())[0]?.startsWith('Connected') === true)
  })
  afterAll(() => desktop.close())

  test('pauses and resumes all access', async () => {
    await press('Pause all access')
    await until('access is paused', async () => (await owner().status()).paused)
    await until('the tray says so', async () => (await desktop.tray.tooltip()).startsWith('Hallpass – paused'))
    await press('Resume access')
    await until('access is back', async () => !(await owner().status()).paused)
    await until('the tray offers to pause', async () => (await desktop.tray.labels()).includes('Pause all access'))
  })

  test('copies a new session token, says what it can do and for how long, and clears it when it is revoked', async () => {
    await press('New session token > demo > sales > Read only')
    await until('the token is copied', async () => (await clipboard()).startsWith('sess_'))
    const token = await clipboard()
    expect((await use(token)).status).toBe(200)
    expect(
      (await owner().sessions.list({})).map(({ connection, permissions }) => ({ connection, permissions })),
    ).toEqual([{ connection: 'sales', permissions: ['read'] }])
    await expect.poll(lastNotification).toEqual({
      title: 'Session token copied',
      body: expect.stringMatching(
        /^Read access to sales in demo until \d\d:\d\d\. Then it's removed from the clipboard\.$/,
      ),
    })
    expect(JSON.stringify(await desktop.notifications())).not.toContain(token)

    await press('Session tokens (1) > End all')
    await until('the clipboard is cleared', async () => (await clipboard()) === '')
    expect((await use(token)).status).toBe(401)
    await expect.poll(lastNotification).toEqual({
      title: 'Session token ended',
      body: 'Ended 1 session token.',
    })
  })

  test('the second choice grants read and write', async () => {
    await press('New session token > demo > sales > Read and write')
    await until('the token is copied', async () => (await clipboard()).startsWith('sess_'))
    expect((await owner().sessions.list({})).map(({ permissions }) => permissions)).toEqual([['read', 'write']])
    await expect.poll(async () => (await lastNotification())?.body).toContain('Read and write access to sales in demo')
    await owner().sessions.revokeAll()
    await until('the clipboard is cleared', async () => (await clipboard()) === '')
  })

  test('a token copied in the window leaves the clipboard when it expires', async () => {
    const { token } = await owner().sessions.mint({
      project: 'demo',
      document: 'sales',
      permissions: ['read'],
      ttl: '2s',
    })
    const [session] = await owner().sessions.list({})
    // The app may clear it before anything outside of the app has read it.
    const copied = await desktop.app.evaluateHandle(({ clipboard }) => {
      const all: string[] = []
      const { writeText } = clipboard
      clipboard.writeText = (text, ...rest) => {
        all.push(text)
        return writeText.call(clipboard, text, ...rest)
      }
      return all
    })
    expect(await port.call('/shell/copyToken', { token, expires_at: session?.expires_at })).toMatchObject({
      status: 200,
    })
    expect(await copied.jsonValue()).toContain(token)
    await until('the clipboard is cleared', async () => (await clipboard()) === '')
  })

  test('anything copied since stays on the clipboard', async () => {
    const { session, token } = await owner().sessions.mint({
      project: 'demo',
      document: 'sales',
      permissions: ['read'],
    })
    await port.call('/shell/copyToken', { token, expires_at: session.expires_at })
    await desktop.app.evaluate(({ clipboard }) => clipboard.writeText('something of mine'))
    await until('the tray counts it', async () => (await desktop.tray.labels()).includes('Session tokens (1)'))
    await owner().sessions.revokeAll()
    // The app looks at its clipboard before it redraws the menu.
    await until('the app knows that the session is over', async () =>
      (await desktop.tray.labels()).includes('Session tokens'),
    )
    expect(await owner().sessions.list({})).toEqual([])
    expect(await clipboard()).toBe('something of mine')
  })

  test('a token that never expires stays on the clipboard', async () => {
    await port.call('/shell/copyToken', { token: 'hp_pat_for-good', expires_at: null })
    await owner().sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] })
    await until('the tray counts it', async () => (await desktop.tray.labels()).includes('Session tokens (1)'))
    await owner().sessions.revokeAll()
    // The app looks at its clipboard before it redraws the menu.
    await until('the app knows that it ended', async () => (await desktop.tray.labels()).includes('Session tokens'))
    expect(await clipboard()).toBe('hp_pat_for-good')
  })

  test('shows that requests are running, and counts them', async () => {
    const { token } = await owner().sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] })
    const requests = async () =>
      Number(/([\d,]+) requests? today/.exec(await desktop.tray.tooltip())?.[1]?.replace(',', '') ?? 0)
    const before = await requests()
    for (let i = 0; i < 5; i += 1) await use(token)
    await until('the requests are counted', async () => (await requests()) >= before + 5)
    await owner().sessions.revokeAll()
  })

  test('shows an error as a sentence', async () => {
    await owner().projects.create({ name: 'leaving' })
    await owner().connections.include({ name: 'sales', project: 'leaving' })
    await press('New session token > leaving > sales > Read only')
    await owner().sessions.revokeAll()
    const item = await desktop.app.evaluateHandle(() => {
      const items = shownBy().trays[0]?.menu?.items ?? []
      return items
        .find(({ label }) => label === 'New session token')
        ?.submenu?.items.find(({ label }) => label === 'leaving')?.submenu?.items[0]?.submenu?.items[0]
    })
    await owner().projects.delete({ name: 'leaving' })
    await item.evaluate((held) => held?.click())
    await until(
      'the refusal is said',
      async () => (await desktop.notifications()).at(-1)?.title === 'Something went wrong',
    )
    expect((await desktop.notifications()).at(-1)?.body).toContain('leaving')
  })

  test('the app prints no token', () => {
    expect(desktop.output()).not.toMatch(/sess_|hp_pat_/)
  })
})

interface Item {
  label: string
  click(): void
  submenu?: { items: Item[] }
}
declare function shownBy(): { trays: { menu: { items: Item[] } | null }[] }
