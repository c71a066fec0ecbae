import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CONSOLE_HEADER, CONSOLE_KEY_ITEM } from '../../src/contract/owner-api/console-api.ts'
import { violations } from '../support/accessibility.ts'
import { missingBrowser, processBrowser } from '../support/chromium.ts'
import { codeOf, postAsPage } from '../support/console-client.ts'
import { startConsoleEngine, type ConsoleEngine } from '../support/console-engine.ts'

describe.skipIf(missingBrowser() !== null)('signing in to the console, in a real browser', () => {
  let engine: ConsoleEngine
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let complaints: string[] = []
  beforeAll(async () => {
    engine = await startConsoleEngine()
    browser = await processBrowser()
  })
  afterAll(async () => {
    await engine[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    page = await context.newPage()
    complaints = []
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) complaints.push(message.text())
    })
  })
  afterEach(async () => {
    await context.close()
    expect(complaints).toEqual([])
  })

  async function signIn(to = engine): Promise<void> {
    await page.goto(to.link())
    await page.waitForURL(`${to.url}/console/`)
    await expect.poll(() => page.title()).toBe('Running')
  }
  const call = (tab: Page, path: string) =>
    tab.evaluate(
      async ([to, name, item]) => {
        const headers = { 'content-type': 'application/json', [name ?? '']: localStorage.getItem(item ?? '') ?? '' }
        return (await fetch(to ?? '', { method: 'POST', headers, body: '{}' })).status
      },
      [`/console/${path}`, CONSOLE_HEADER, CONSOLE_KEY_ITEM],
    )

  test('a browser that is not signed in sees how to sign in, and a code elsewhere in the address has no effect', async () => {
    for (const path of [
      '/console/',
      `/console/#${codeOf(engine.link())}`,
      `/console/sign-in?code=${codeOf(engine.link())}`,
    ]) {
      await page.goto('about:blank')
      await page.goto(engine.url + path)
      await expect.poll(() => page.locator('h1:visible').textContent()).toBe('Sign in to Hallpass')
      expect(await page.locator('code:visible').textContent()).toBe('hallpass console')
    }
    expect(await context.cookies()).toEqual([])
  })

  test('a used link says how to get another', async () => {
    const link = engine.link()
    const code = codeOf(link)
    await postAsPage(`${engine.url}/console/session`, { code })
    await page.goto(link)
    await page.getByText('already used').waitFor()
    expect(await page.locator('h1:visible').textContent()).toBe('This link no longer works')
    expect(await page.locator('code:visible').textContent()).toBe('hallpass console')
    expect(page.url()).not.toContain(code)
  })

  test('the sign-in page passes the accessibility checks in both themes', async () => {
    const link = engine.link()
    await postAsPage(`${engine.url}/console/session`, { code: codeOf(link) })
    for (const [address, title] of [
      [`${engine.url}/console/`, 'Sign in to Hallpass'],
      [link, 'This link no longer works'],
    ] as const) {
      await page.goto(address)
      await page.getByRole('heading', { name: title, level: 1 }).waitFor()
      expect(await violations(page), address).toEqual([])
    }
  })

  test("a page on another port receives the cookie and can't use it", async () => {
    await signIn()
    let stolen = ''
    const thief: Server = createServer((request, response) => {
      stolen = request.headers.cookie ?? stolen
      response
        .setHeader('content-type', 'text/html')
        .end(`<title>Thief</title><iframe src="${engine.url}/console/"></iframe>`)
    })
    await new Promise<void>((resolve) => {
      thief.listen(0, '127.0.0.1', resolve)
    })
    const there = `http://127.0.0.1:${(thief.address() as AddressInfo).port}/console/`
    try {
      await page.goto(there)
      await page.reload()
      // So that the test proves something: cookies know no ports.
      expect(stolen).toMatch(/^hallpass_console_\d+=/)
      const header = { [CONSOLE_HEADER]: 'guess', origin: engine.url, cookie: stolen }
      expect((await postAsPage(`${engine.url}/console/rpc/status`, {}, header)).status).toBe(401)
      const reached = await page.evaluate(
        async ([url, name]) => {
          const tries = [
            () =>
              fetch(`${url}/console/rpc/pause`, {
                method: 'POST',
                mode: 'no-cors',
                credentials: 'include',
                body: '{}',
              }).then((answer) => answer.type),
            () =>
              fetch(`${url}/console/rpc/pause`, {
                method: 'POST',
                credentials: 'include',
                headers: { 'content-type': 'application/json', [name ?? '']: 'x' },
                body: '{}',
              }).then(() => 'read'),
            () => fetch(`${url}/console/`, { credentials: 'include' }).then(() => 'read'),
            () =>
              fetch(`${url}/console/sign-out`, { method: 'POST', mode: 'no-cors', credentials: 'include' }).then(
                (answer) => answer.type,
              ),
          ]
          return Promise.all(tries.map((attempt) => attempt().catch(() => 'blocked')))
        },
        [engine.url, CONSOLE_HEADER],
      )
      expect(reached).not.toContain('read')
      expect(
        await page
          .frames()[1]
          ?.title()
          .catch(() => ''),
      ).not.toBe('Running')
      expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([])
      expect(await engine.owner.projects.list()).toHaveLength(1)
      await page.goto(`${engine.url}/console/`)
      expect(await page.title()).toBe('Running')
      complaints = complaints.filter((text) => !/frame-ancestors/.test(text))
    } finally {
      thief.closeAllConnections()
      thief.close()
    }
  })

  test('a link signs in, and leaves no code in address or history and no cookie that scripts can read', async () => {
    const link = engine.link()
    const sent: string[] = []
    page.on('request', (request) => sent.push(`${request.url()} ${request.headers()['referer'] ?? ''}`))
    await page.goto(link)
    await page.waitForURL(`${engine.url}/console/`)
    await expect.poll(() => page.title()).toBe('Running')
    // The first is the browser's own note of what was typed; what goes out has no fragment.
    expect(sent.slice(1).join('\n')).not.toContain(codeOf(link))
    expect(await page.evaluate('document.cookie')).toBe('')
    expect(await context.cookies()).toMatchObject([
      { httpOnly: true, sameSite: 'Strict', path: '/console', expires: -1 },
    ])
    await page.goBack()
    expect(page.url()).not.toContain(codeOf(link))
  })

  test('signing in to a second engine on the same host does not sign out of the first', async () => {
    const other = await startConsoleEngine()
    try {
      await signIn()
      await signIn(other)
      expect(await call(page, 'rpc/projects/list')).toBe(200)
      await page.goto(`${engine.url}/console/`)
      expect(await call(page, 'rpc/projects/list')).toBe(200)
      expect(await context.cookies()).toHaveLength(2)
    } finally {
      await other[Symbol.asyncDispose]()
    }
  })

  test('a signed-in page calls the owner API, also in a second tab, until it signs out', async () => {
    await signIn()
    const second = await context.newPage()
    await second.goto(`${engine.url}/console/`)
    expect(await call(page, 'rpc/projects/list')).toBe(200)
    expect(await call(second, 'rpc/projects/list')).toBe(200)
    expect(await call(page, 'sign-out')).toBe(204)
    expect(await call(second, 'rpc/projects/list')).toBe(401)
    expect(await context.cookies()).toEqual([])
  })
})
