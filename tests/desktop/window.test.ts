import { createServer, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingDesktop, launchDesktop, type DesktopApp } from '../support/desktop-app.ts'
import { until } from '../support/until.ts'
import { openPort } from './window-port.ts'

describe.skipIf(missingDesktop() !== null)('the window', () => {
  let desktop: DesktopApp
  beforeAll(async () => {
    desktop = await launchDesktop()
  })
  afterAll(() => desktop.close())

  test('every window is sandboxed, isolated and without Node', async () => {
    const preferences = await desktop.app.evaluate(({ webContents }) =>
      webContents
        .getAllWebContents()
        .map((contents) =>
          (contents as unknown as { getLastWebPreferences(): Record<string, unknown> }).getLastWebPreferences(),
        ),
    )
    expect(preferences).toHaveLength(1)
    expect(preferences[0]).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
    })
  })

  test('the page finds only what a page without a preload script would find', async () => {
    const surface = `Object.getOwnPropertyNames(window).concat(Object.keys(navigator), Object.getOwnPropertyNames(document)).sort()`
    const plain = await desktop.app.evaluate(async ({ BrowserWindow }, script) => {
      const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true } })
      // Resolves after the page's load event, when its scripts have run.
      await window.loadURL('hallpass://app/index.html')
      const names = (await window.webContents.executeJavaScript(script)) as string[]
      window.destroy()
      return names
    }, surface)
    const ours = (await desktop.window.evaluate(surface)) as string[]
    expect(ours.filter((name) => !plain.includes(name) && !/^(__playwright|_reactListening)/.test(name))).toEqual([])
    expect(
      await desktop.window.evaluate(() =>
        ['require', 'process', 'module', 'electron', 'ipcRenderer', 'Buffer', 'global'].filter(
          (name) => name in window,
        ),
      ),
    ).toEqual([])
  })

  test('has a policy without inline scripts or eval, and with a nonce for each load', async () => {
    const answer = () =>
      desktop.app.evaluate(async ({ net }) => {
        const response = await net.fetch('hallpass://app/index.html')
        return { policy: response.headers.get('content-security-policy') ?? '', text: await response.text() }
      })
    const [first, second] = [await answer(), await answer()]
    const nonce = /'nonce-([^']+)'/.exec(first.policy)?.[1] ?? ''
    expect(first.policy.replace(nonce, 'N')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-N'; img-src 'self' data:; " +
        "font-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(first.text).toContain(`nonce="${nonce}"`)
    expect(first.text).not.toContain('__CSP_NONCE__')
    expect(second.policy).not.toBe(first.policy)
    const ran = await desktop.window.evaluate(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener(
            'securitypolicyviolation',
            ({ effectiveDirective }) => resolve(effectiveDirective),
            { once: true },
          )
          const script = document.createElement('script')
          script.textContent = 'window.ranInline = true'
          document.head.append(script)
          if ('ranInline' in window) resolve('ran')
        }),
    )
    expect(ran).toMatch(/^script-src/)
  })

  test.each([
    '../main.cjs',
    '%2e%2e/desktop/main.cjs',
    '..%2fdesktop/main.cjs',
    'desktop/main.cjs',
    'assets/',
    'assets',
    '/etc/passwd',
    '%2fetc%2fpasswd',
    'index.html?x=1',
    'index.html.map',
    'INDEX.HTML',
  ])("serves no file outside the page's build: %s", async (path) => {
    const status = await desktop.app.evaluate(
      async ({ net }, address) => (await net.fetch(address)).status,
      `hallpass://app/${path}`,
    )
    expect(status).toBe(404)
  })

  test('serves no other host of its protocol', async () => {
    expect(
      await desktop.app.evaluate(async ({ net }) => (await net.fetch('hallpass://elsewhere/index.html')).status),
    ).toBe(404)
  })

  test("the page can't navigate away or open another page", async () => {
    const before = desktop.window.url()
    await desktop.window.evaluate(() => {
      for (const to of ['https://example.com/', 'file:///etc/passwd', 'data:text/html,x', 'hallpass://app/mark.svg'])
        window.location.href = to
    })
    await desktop.window.evaluate(() => {
      window.open('https://example.com/')
    })
    await desktop.window.evaluate(() => {
      const link = document.createElement('a')
      link.href = 'https://example.com/'
      link.target = '_blank'
      document.body.append(link)
      link.click()
      link.remove()
    })
    // Navigations reach the main process before what the page asks of it afterwards.
    expect(await (await openPort(desktop.window)).call('/owner/status')).toMatchObject({ status: 200 })
    expect(desktop.window.url()).toBe(before)
    expect(await desktop.app.evaluate(({ webContents }) => webContents.getAllWebContents().length)).toBe(1)
  })

  test("the page can't reach the network or embed another page", async () => {
    const reached = await desktop.window.evaluate(
      async (url) => {
        const answers: string[] = []
        for (const to of [`${url}/healthz`, 'hallpass://app/index.html'])
          answers.push(
            await fetch(to).then(
              () => 'reached',
              () => 'refused',
            ),
          )
        answers.push(
          await new Promise<string>((resolve) => {
            const frame = document.createElement('iframe')
            frame.src = 'hallpass://app/index.html'
            document.addEventListener('securitypolicyviolation', () => resolve('refused'), { once: true })
            document.body.append(frame)
          }),
        )
        return answers
      },
      (await desktop.engine?.control.api.status())?.url ?? '',
    )
    expect(reached).toEqual(['refused', 'refused', 'refused'])
  })

  test("a compromised page can't send anything out through WebRTC or prefetched links", async () => {
    const heard: string[] = []
    const server = createServer((socket) => {
      heard.push('dialled')
      socket.on('data', (data) => heard.push(data.toString('latin1'))).on('error', () => undefined)
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port } = server.address() as AddressInfo
    try {
      const states = await desktop.window.evaluate(async (at) => {
        for (const rel of ['preconnect', 'dns-prefetch', 'prefetch', 'prerender']) {
          const link = Object.assign(document.createElement('link'), { rel, href: `http://127.0.0.1:${at}/` })
          document.head.append(link)
        }
        const peer = new RTCPeerConnection({
          iceServers: [{ urls: `turn:127.0.0.1:${at}?transport=tcp`, username: 'a-secret', credential: 'x' }],
        })
        peer.createDataChannel('out')
        const gathered = new Promise<string>((resolve) => {
          peer.onicecandidate = ({ candidate }) => {
            if (candidate === null) resolve('no way out')
          }
        })
        await peer.setLocalDescription(await peer.createOffer())
        return await gathered
      }, port)
      expect(states).toBe('no way out')
      expect(heard).toEqual([])
    } finally {
      server.close()
    }
  })

  test('denies every permission that the page requests', async () => {
    const answers = await desktop.window.evaluate(async () => [
      await Notification.requestPermission(),
      await navigator.mediaDevices.getUserMedia({ audio: true }).then(
        () => 'granted',
        () => 'denied',
      ),
      await new Promise((resolve) => {
        navigator.geolocation.getCurrentPosition(
          () => resolve('granted'),
          () => resolve('denied'),
        )
      }),
      await navigator.clipboard.readText().then(
        () => 'granted',
        () => 'denied',
      ),
      (await navigator.permissions.query({ name: 'clipboard-write' as PermissionName })).state,
      (await navigator.permissions.query({ name: 'notifications' })).state,
    ])
    expect(answers).toEqual(['denied', 'denied', 'denied', 'denied', 'denied', 'denied'])
  })

  test('opens at 1100 × 720 and never gets smaller than 900 × 600', async () => {
    const sizes = await desktop.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      const { width, height } = window?.getBounds() ?? { width: 0, height: 0 }
      return { width, height, least: window?.getMinimumSize() }
    })
    expect(sizes).toEqual({ width: 1100, height: 720, least: [900, 600] })
  })

  test('hides when it is closed, says so only the first time, and is shown again from the tray', async () => {
    const visible = () =>
      desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible()))
    const close = () => desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    // A window that is closed before it was first shown is shown afterward.
    await until('the window is shown at first', async () => (await visible())[0] === true)
    await close()
    await until('the window is hidden', async () => (await visible())[0] === false)
    await expect
      .poll(async () => (await desktop.notifications()).map(({ title }) => title))
      .toEqual(['Hallpass is still running'])
    await desktop.tray.press('Open Hallpass')
    await until('the window is shown', async () => (await visible())[0] === true)
    await close()
    await until('the window is hidden again', async () => (await visible())[0] === false)
    expect(await desktop.notifications()).toHaveLength(1)
    await desktop.tray.press('Recent projects > demo')
    await until('the window is at the project', () =>
      desktop.window.url().startsWith('hallpass://app/index.html#/projects/demo'),
    )
    expect(await visible()).toEqual([true])
  })
})
