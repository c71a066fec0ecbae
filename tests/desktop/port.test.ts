import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingDesktop, launchDesktop, type DesktopApp } from '../support/desktop-app.ts'
import { until } from '../support/until.ts'
import { openPort, type WindowPort } from './window-port.ts'

const SENTINEL = 'sess_sentinel_that_no_output_may_hold'

describe.skipIf(missingDesktop() !== null)('the message port of the window', () => {
  let desktop: DesktopApp
  let port: WindowPort
  beforeAll(async () => {
    desktop = await launchDesktop()
    port = await openPort(desktop.window)
    await until('the engine is attached', async () => (await port.call('/owner/status'))?.status === 200)
  })
  afterAll(() => desktop.close())

  test.each(['/owner/stop', '/owner/console/signInLink'])("the page can't reach the engine's %s", async (address) => {
    expect(await port.call(address)).toMatchObject({ status: 404 })
  })

  test.each([
    '/owner',
    '/',
    '/owner/status/x',
    '/shell/exec',
    '/constructor',
    '/owner/tokens/constructor',
    '/shell/link',
  ])('rejects a call of %s', async (address) => {
    expect(await port.call(address)).toMatchObject({ status: 404 })
  })

  test('rejects a message that the client would not send, and serves the next valid call', async () => {
    const before = desktop.output()
    const bad: unknown[] = [
      null,
      1,
      'x',
      '{',
      '[]',
      '{}',
      { i: '1', p: { u: '/owner/status' } },
      '{"i":"1","p":{"u":"http://example.com/owner/status"}}',
      '{"i":{},"p":{"u":"/owner/status"}}',
      '{"i":"1","t":3,"p":{"e":"message"}}',
      '{"i":"1","p":{"u":"/owner/status","m":"GET"}}',
      '{"i":"1","p":{"u":"/owner/status","h":{"content-type":"multipart/form-data; boundary=x"}}}',
      `{"i":"1","p":{"u":"/owner/status","b":{"json":"${'x'.repeat(2 * 1024 * 1024)}"}}}`,
      `{"i":"1","p":{"u":"/${SENTINEL}"}}`,
      '{"i":"1","p":{"u":"/owner/__proto__"}}',
    ]
    for (const message of bad) await port.send(message)
    expect(await port.call('/owner/status')).toMatchObject({ status: 200 })
    await until(
      'the refusals are written',
      () => desktop.output().slice(before.length).split('not a call').length - 1 >= bad.length,
    )
    expect(desktop.output()).not.toContain(SENTINEL)
  })

  test('opens one system dialog at a time, however often it is requested', async () => {
    await desktop.app.evaluate(({ dialog }) => {
      const shown = globalThis as unknown as { dialogs: number }
      shown.dialogs = 0
      const answer = new Promise<{ canceled: boolean; filePaths: string[] }>((resolve) => {
        Object.assign(globalThis, { closeDialog: () => resolve({ canceled: true, filePaths: [] }) })
      })
      dialog.showOpenDialog = (() => {
        shown.dialogs += 1
        return answer
      }) as typeof dialog.showOpenDialog
    })
    const calls = Array.from({ length: 20 }, () => port.call('/shell/chooseFile', { purpose: 'sqlite' }))
    let rejected = 0
    for (const call of calls) void call.then((one) => (rejected += one?.status === 200 ? 0 : 1))
    await until('all others are rejected', () => rejected === 19)
    await desktop.app.evaluate(() => (globalThis as unknown as { closeDialog(): void }).closeDialog())
    const answers = await Promise.all(calls)
    expect(answers.filter((one) => one?.status === 200)).toHaveLength(1)
    expect(answers.filter((one) => one?.body?.data?.code === 'RATE_LIMITED')).toHaveLength(19)
    expect(await desktop.app.evaluate(() => (globalThis as unknown as { dialogs: number }).dialogs)).toBe(1)
    expect(await port.call('/shell/chooseFile', { purpose: 'openapi' })).toMatchObject({
      status: 200,
      body: { path: null },
    })
  })

  test.each([
    ['/owner/projects/create', { name: 'Not A Name' }, 'name'],
    ['/owner/projects/create', { name: 'good', extra: 1 }, undefined],
    ['/owner/projects/create', {}, 'name'],
    ['/owner/projects/create', 'x', undefined],
    ['/owner/settings/update', { port: 'x' }, 'port'],
    ['/owner/sessions/mint', { project: 'demo', document: 'sales', permissions: ['root'] }, 'permissions.0'],
    ['/shell/setOpenAtLogin', { open_at_login: 'yes' }, 'open_at_login'],
    ['/shell/copyToken', { token: 7, expires_at: null }, 'token'],
    ['/shell/chooseFile', { purpose: '/etc/passwd' }, 'purpose'],
  ])('invalid input to %s (%j) names the field at fault', async (address, input, named) => {
    const answer = await port.call(address, input)
    expect(answer).toMatchObject({ status: 400, body: { data: { code: 'INVALID_REQUEST' } } })
    expect(answer?.body.data.field).toBe(named)
  })

  test.each([
    'https://example.com/',
    'http://127.0.0.1/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'mailto:a@example.com',
    'smb://host/share',
    'x',
    '',
  ])('opens no address outside the documentation: %s', async (url) => {
    expect(await port.call('/shell/openLink', { url })).toMatchObject({
      status: 400,
      body: { data: { code: 'INVALID_REQUEST' } },
    })
  })

  test('an app that is not installed does not open at login, and says so', async () => {
    expect(await port.call('/shell/info')).toMatchObject({
      body: {
        open_at_login: false,
        open_at_login_possible: false,
        app_version: expect.any(String),
        platform: process.platform,
      },
    })
    expect(await port.call('/shell/setOpenAtLogin', { open_at_login: true })).toMatchObject({
      status: 400,
      body: { data: { code: 'INVALID_REQUEST', field: 'open_at_login' } },
    })
  })

  test('another window with the same script and page gets no port', async () => {
    const preload = join(import.meta.dirname, '../../dist/desktop/preload.cjs')
    const [page] = await Promise.all([
      desktop.app.waitForEvent('window'),
      desktop.app.evaluate(async ({ BrowserWindow }, script) => {
        await new BrowserWindow({ show: false, webPreferences: { preload: script, sandbox: true } }).loadURL(
          'hallpass://app/index.html',
        )
      }, preload),
    ])
    await page.waitForURL('hallpass://app/**')
    const foreign = await openPort(page)
    const asked = await foreign.ask('/owner/status')
    await until('the refusal is written', () =>
      desktop.output().includes('a port was rejected: not the window of this app'),
    )
    expect(await port.call('/owner/status')).toMatchObject({ status: 200 })
    expect(await foreign.isAnswered(asked)).toBe(false)
    await desktop.app.evaluate(({ BrowserWindow }) => {
      const [newest, ...others] = BrowserWindow.getAllWindows().toSorted((one, other) => other.id - one.id)
      if (others.length > 0) newest?.destroy()
    })
  })

  test('ignores a message of another kind, or without exactly one port', async () => {
    for (const message of ['other', { word: 'hallpass:port' }]) {
      const other = await openPort(desktop.window, { message })
      const asked = await other.ask('/owner/status')
      // A port that is handed over later arrives later: had the first led anywhere, its answer would be here too.
      const good = await openPort(desktop.window)
      expect(await good.call('/owner/status')).toMatchObject({ status: 200 })
      expect(await other.isAnswered(asked)).toBe(false)
    }
  })

  test("passes on the engine's error with its code and sentence", async () => {
    expect(await port.call('/owner/projects/get', { name: 'absent' })).toMatchObject({
      status: 400,
      body: { data: { code: 'INVALID_REQUEST' }, message: expect.stringContaining('absent') },
    })
  })

  test('passes calls on to the engine', async () => {
    expect(await port.call('/owner/projects/create', { name: 'made-here' })).toMatchObject({
      status: 200,
      body: { name: 'made-here' },
    })
    expect((await desktop.engine?.control.api.projects.list())?.map(({ name }) => name)).toContain('made-here')
  })

  test('streams live rows, and stops reading when the page closes', async () => {
    const names = await desktop.window.evaluate(
      () =>
        new Promise<string[]>((resolve) => {
          const { port1, port2 } = new MessageChannel()
          const heard: string[] = []
          port1.addEventListener('message', ({ data }) => {
            const message = JSON.parse(data)
            if (message.t === 3 && message.p.e === 'message')
              for (const row of JSON.parse(message.p.d.json.rows)) heard.push(row.method)
            // The head of the stream: it is being followed from here on.
            if (message.i === 'rows' && !heard.includes('begun')) {
              heard.push('begun')
              port1.postMessage(
                JSON.stringify({ i: 'make', p: { u: '/owner/projects/create', b: { json: { name: 'live-row' } } } }),
              )
            }
            if (heard.includes('projects.create')) resolve(heard)
          })
          port1.start()
          window.postMessage('hallpass:port', window.location.origin, [port2])
          port1.postMessage(JSON.stringify({ i: 'rows', p: { u: '/owner/requests/follow', b: { json: {} } } }))
        }),
    )
    expect(names).toContain('projects.create')
    await desktop.window.reload()
    port = await openPort(desktop.window)
    expect(await port.call('/owner/status')).toMatchObject({ status: 200 })
  })
})
