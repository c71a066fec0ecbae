import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole, type OpenConsole } from '../support/console-browser.ts'
import { developmentScreens } from '../support/development-screens.ts'
import { IS_THOROUGH } from '../support/repeats.ts'
import { post } from '../support/start-test-engine.ts'
import { controlsOutOfSight, controlsWithoutTab } from './support/controls.ts'
import { openEverything } from './support/open-everything.ts'
import { visibleTexts } from './support/visible-texts.ts'

interface Screen {
  route: string
  path: string
  heading: string
  /** Words of the link that leads to it, or to the list that it belongs to. */
  link: string
}

const PROJECT = '/projects/$project'
/** Every route that draws a screen. */
const SCREENS: readonly Screen[] = [
  { route: '/overview', path: '/overview', heading: 'Overview', link: 'Overview' },
  { route: '/attention', path: '/attention', heading: 'Attention', link: 'Attention' },
  { route: '/approvals', path: '/approvals', heading: 'Approvals', link: 'Approvals' },
  { route: '/activity', path: '/activity', heading: 'Activity', link: 'Activity' },
  { route: '/log', path: '/log', heading: 'Log', link: 'Log' },
  { route: '/requests/$id', path: '/requests/LAST', heading: 'get_records on sales', link: '' },
  { route: '/settings', path: '/settings', heading: 'Settings', link: 'Settings' },
  { route: '/welcome', path: '/welcome', heading: 'Get started', link: '' },
  {
    route: `${PROJECT}/connections`,
    path: '/projects/demo/connections',
    heading: 'Connections',
    link: 'Connections',
  },
  {
    route: `${PROJECT}/connections/$connection`,
    path: '/projects/demo/connections/sales',
    heading: 'sales',
    link: 'Connections',
  },
  {
    route: `${PROJECT}/connections/new`,
    path: '/projects/demo/connections/new',
    heading: 'Add connection',
    link: 'Connections',
  },
  {
    route: `${PROJECT}/connections/new/$step`,
    path: '/projects/demo/connections/new/sqlite',
    heading: '',
    link: 'Connections',
  },
  { route: `${PROJECT}/tokens`, path: '/projects/demo/tokens', heading: 'Agents & tokens', link: 'Agents & tokens' },
  {
    route: `${PROJECT}/tokens/new`,
    path: '/projects/demo/tokens/new',
    heading: 'New token',
    link: 'Agents & tokens',
  },
  {
    route: `${PROJECT}/tokens/$token`,
    path: '/projects/demo/tokens/nightly',
    heading: 'nightly',
    link: 'Agents & tokens',
  },
  { route: `${PROJECT}/connect`, path: '/projects/demo/connect', heading: 'Connect', link: 'Connect' },
  { route: `${PROJECT}/log`, path: '/projects/demo/log', heading: 'Log', link: 'Log' },
  { route: `${PROJECT}/settings`, path: '/projects/demo/settings', heading: 'Project', link: 'Project' },
]
/** Routes that lead to others at once. */
const REDIRECTS = ['/', '/projects/$project']
/** Tabs of pages are not routes, but screens all the same. */
const TABS = [
  '/projects/demo/connections/sales?tab=settings',
  '/projects/demo/connections/sales?tab=access',
  '/projects/demo/tokens/nightly?tab=activity',
  '/projects/demo/tokens/nightly?tab=sessions',
  '/projects/demo/tokens/nightly?tab=limits',
  '/projects/demo/tokens/nightly?tab=history',
  '/projects/nobody/connections',
]
const SIZES = [
  [1440, 900],
  [1100, 720],
  [900, 600],
  [550, 360],
  [450, 300],
] as const

/** Fills the engine with something for each screen, and returns the paths of them. */
async function prepare({ owner, url }: OpenConsole['engine']): Promise<string[]> {
  const grants = [{ connection: 'sales', permissions: ['read' as const] }]
  const { secret } = await owner.tokens.create({ project: 'demo', name: 'nightly', kind: 'access', ttl: '2h', grants })
  const { body } = await post(`${url}/api/v1/sessions`, String(secret), { document: 'sales', permissions: ['read'] })
  for (const method of ['get_records', 'delete_records'])
    await post(`${url}/api/v1/proxy`, String(body['token']), { method, table: 'Orders', limit: 2, record_ids: [1] })
  const [last] = await owner.requests.list({ method: 'get_records' })
  return SCREENS.map(({ path }) => path.replace('LAST', String(last?.id)))
}

const heading = (page: Page) => page.locator('#main').getByRole('heading', { level: 1 }).first()

async function loaded(page: Page): Promise<void> {
  await heading(page).waitFor()
  await expect.poll(() => page.locator('#main :is([data-testid=skeleton], [aria-busy=true])').count()).toBe(0)
}

// One console for all: nothing is changed.
describe.skipIf(missingBrowser() !== null)('every screen', () => {
  let open: OpenConsole
  let paths: string[]
  beforeAll(async () => {
    open = await startConsole()
    paths = await prepare(open.engine)
    await open.goto('/overview')
  })
  afterAll(() => open[Symbol.asyncDispose]())

  test('has its route in the list', async () => {
    const routes = await open.page.evaluate<string[]>('Object.keys(window.__TSR_ROUTER__.routesByPath)')
    const drawn = routes.map((route) => route.replace(/(?<=.)\/$/, '')).filter((route) => !REDIRECTS.includes(route))
    expect([...new Set(drawn)].toSorted()).toEqual(SCREENS.map(({ route }) => route).toSorted())
  })

  test('FR4 uses the same words in its link, its heading and the window title', async () => {
    const { page } = open
    for (const [index, screen] of SCREENS.entries()) {
      await open.goto(paths[index] ?? '')
      await loaded(page)
      const words = (await heading(page).textContent()) ?? ''
      expect(words, screen.path).toContain(screen.heading)
      const project = screen.route.startsWith(PROJECT) ? ' · demo' : ''
      await expect
        .poll(() => page.title(), { message: screen.path })
        .toSatisfy((title: string) => title.replace(/^\(\d+\) /, '') === `${words}${project} – Hallpass`)
      if (screen.link === '') continue
      const nav = page.getByRole('navigation', { name: project === '' ? 'Hallpass' : 'Project demo' })
      // Behind the name there may be a count.
      await expect
        .poll(() => nav.locator('[data-status=active]').last().textContent(), { message: screen.path })
        .toMatch(new RegExp(`^${screen.link}`))
    }
  })

  test.for(SIZES)(
    'RU2 cuts no text off at %i by %i, and shows each control that has the focus',
    async ([width, height]) => {
      const { page } = open
      await page.setViewportSize({ width, height })
      const found: string[] = []
      for (const path of [...paths, ...TABS]) {
        await open.goto(path)
        await loaded(page)
        if (!(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')))
          found.push(`${path} scrolls sideways`)
        for (const { text, element, cutBy, hasTitle } of await visibleTexts(page))
          if (cutBy !== null && !hasTitle) found.push(`${path}: ${element} “${text}” is cut by ${cutBy}`)
        for (const control of await controlsOutOfSight(page)) found.push(`${path}: ${control} is out of sight`)
      }
      expect(found).toEqual([])
    },
  )

  test('RU2 reaches every control by Tab', async () => {
    const { page } = open
    await page.setViewportSize({ width: 900, height: 600 })
    const found: string[] = []
    for (const path of [...paths, ...TABS]) {
      await open.goto(path)
      await loaded(page)
      for (const control of await controlsWithoutTab(page)) found.push(`${path}: ${control}`)
    }
    expect(found).toEqual([])
  })

  test('RU1 has no axe violations in both themes, and no console errors', async () => {
    const { page } = open
    await page.setViewportSize({ width: 900, height: 600 })
    for (const path of [...paths, ...TABS]) {
      await open.goto(path)
      await loaded(page)
      expect.soft(await violations(page), path).toEqual([])
    }
    expect(open.complaints).toEqual([])
  })

  test('RU3 shows a skeleton while owner calls are held, and nothing moves when they arrive', async () => {
    const { page } = open
    await page.setViewportSize({ width: 1100, height: 720 })
    const found: string[] = []
    // In the page, because a browser whose requests are intercepted caches nothing, and a screen has a hundred files.
    await using _holding = await page.addInitScript(`{
      const { fetch } = window
      const released = new Promise((resolve) => { window.releaseOwnerCalls = resolve })
      window.fetch = async (request, options) => {
        const [, call = ''] = /\\/console\\/rpc\\/(.+)$/.exec(request.url ?? request) ?? []
        // What the frame asks for is not held.
        if (call !== '' && !/^(?:status|changes|projects\\/list)/.test(call)) await released
        return fetch(request, options)
      }
    }`)
    for (const path of [...paths, ...TABS.filter((tab) => !tab.includes('nobody'))]) {
      await open.goto(path)
      await page.reload()
      // Only the frame loads before the form of a new connection, which is over too soon to be seen each time.
      const isSeen =
        path.includes('/connections/new') ||
        (await page
          .getByTestId('skeleton')
          .first()
          .waitFor({ timeout: 20_000 })
          .then(
            () => true,
            () => false,
          ))
      await page.evaluate('window.releaseOwnerCalls()')
      if (!isSeen) found.push(`${path} shows no skeleton`)
      await loaded(page)
      const shifts = await page.evaluate<number>(`new Promise((resolve) => {
        let total = 0
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) total += entry.value
        })
        observer.observe({ type: 'layout-shift', buffered: true })
        requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => resolve(total))))
      })`)
      if (shifts >= 0.05) found.push(`${path} moves by ${shifts.toFixed(3)}`)
    }
    expect(found).toEqual([])
  })
})

describe.skipIf(missingBrowser() !== null)('every screen in React’s development build', () => {
  test(`gives React nothing to warn about${IS_THOROUGH ? ', nor do its menus and dialogs' : ''}`, async () => {
    await using open = await startConsole({ build: await developmentScreens() })
    for (const path of [...(await prepare(open.engine)), ...TABS]) {
      await open.goto(path)
      await loaded(open.page)
      if (IS_THOROUGH) await openEverything(open.page)
    }
    expect(open.complaints).toEqual([])
  })
})
