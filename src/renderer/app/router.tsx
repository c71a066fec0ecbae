import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  redirect,
  type RouterHistory,
} from '@tanstack/react-router'
import { ACTIVITY_PARTS, type ActivitySearch } from '../features/activity/activity-times.ts'
import { FILTER_PARTS, type LogFilter } from '../features/log/log-filter.ts'
import { BrokenScreen } from './broken-screen.tsx'
import { Shell } from './shell.tsx'

/** The log's filter. It is part of the URL, so that "More by this token" can be a link. Unknown parts are dropped. */
const logSearch = (search: Record<string, unknown>): LogFilter => partsOf(search, [...FILTER_PARTS, 'columns'])
const activitySearch = (search: Record<string, unknown>): ActivitySearch => partsOf(search, ACTIVITY_PARTS)

function partsOf<Part extends string>(
  search: Record<string, unknown>,
  names: readonly Part[],
): { [Name in Part]?: string } {
  const parts = names.flatMap((part) => {
    const value = search[part]
    // The router parses a number or a boolean in the URL as such.
    return typeof value === 'string' || typeof value === 'number' ? [[part, String(value)] as const] : []
  })
  return Object.fromEntries(parts) as { [Name in Part]?: string }
}

interface NewTokenSearch {
  kind?: 'access' | 'local' | undefined
  /** A token whose settings are copied. */
  like?: string | undefined
  connection?: string | undefined
  /** Where to go afterward: a path of this page. */
  return?: string | undefined
}

function newTokenSearch(search: Record<string, unknown>): NewTokenSearch {
  const { kind, like, connection, return: back } = search
  const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : undefined)
  // Every part is named, because the router keeps what the URL says for those that are left out.
  return {
    kind: kind === 'local' || kind === 'access' ? kind : undefined,
    like: text(like),
    connection: text(connection),
    return: typeof back === 'string' && /^\/(?!\/)/.test(back) ? back : undefined,
  }
}

/** Screens are files of their own, which load when they are opened, so that the first one is there early. */
const screens = {
  activity: lazyRouteComponent(() => import('../features/activity/activity-screen.tsx'), 'ActivityScreen'),
  attention: lazyRouteComponent(() => import('../features/attention/attention-screen.tsx'), 'AttentionScreen'),
  overview: lazyRouteComponent(() => import('../features/overview/overview-screen.tsx'), 'OverviewScreen'),
  approvals: lazyRouteComponent(() => import('../features/approvals/approvals-screen.tsx'), 'ApprovalsScreen'),
  connect: lazyRouteComponent(() => import('../features/connect/connect-screen.tsx'), 'ConnectScreen'),
  addConnection: lazyRouteComponent(
    () => import('../features/connections/add/add-connection-screen.tsx'),
    'AddConnectionScreen',
  ),
  connections: lazyRouteComponent(() => import('../features/connections/connections-screen.tsx'), 'ConnectionsScreen'),
  allLog: lazyRouteComponent(() => import('../features/log/all-log-screen.tsx'), 'AllLogScreen'),
  connection: lazyRouteComponent(() => import('../features/connections/page/connection-page.tsx'), 'ConnectionPage'),
  log: lazyRouteComponent(() => import('../features/log/log-screen.tsx'), 'LogScreen'),
  projectSettings: lazyRouteComponent(() => import('../features/projects/project-screen.tsx'), 'ProjectScreen'),
  request: lazyRouteComponent(() => import('../features/log/request/request-screen.tsx'), 'RequestScreen'),
  project: lazyRouteComponent(() => import('../features/projects/project-frame.tsx'), 'ProjectFrame'),
  settings: lazyRouteComponent(() => import('../features/settings/settings-screen.tsx'), 'SettingsScreen'),
  token: lazyRouteComponent(() => import('../features/tokens/page/token-page.tsx'), 'TokenPage'),
  newToken: lazyRouteComponent(() => import('../features/tokens/new/new-token-screen.tsx'), 'NewTokenScreen'),
  tokens: lazyRouteComponent(() => import('../features/tokens/list/tokens-screen.tsx'), 'TokensScreen'),
  welcome: lazyRouteComponent(() => import('../features/welcome/welcome-screen.tsx'), 'WelcomeScreen'),
}

const root = createRootRoute({ component: Shell, notFoundComponent: () => <Navigate to="/overview" /> })
const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/overview' })
  },
})
const overview = createRoute({ getParentRoute: () => root, path: '/overview', component: screens.overview })
const attention = createRoute({
  getParentRoute: () => root,
  path: '/attention',
  component: screens.attention,
  validateSearch: ({ item }: Record<string, unknown>): { item?: string } =>
    typeof item === 'string' || typeof item === 'number' ? { item: String(item) } : {},
})
const welcome = createRoute({ getParentRoute: () => root, path: '/welcome', component: screens.welcome })
const activity = createRoute({
  getParentRoute: () => root,
  path: '/activity',
  component: screens.activity,
  validateSearch: activitySearch,
})
const approvals = createRoute({ getParentRoute: () => root, path: '/approvals', component: screens.approvals })
const allLog = createRoute({
  getParentRoute: () => root,
  path: '/log',
  component: screens.allLog,
  validateSearch: logSearch,
})
const request = createRoute({ getParentRoute: () => root, path: '/requests/$id', component: screens.request })
const settings = createRoute({ getParentRoute: () => root, path: '/settings', component: screens.settings })
const project = createRoute({ getParentRoute: () => root, path: '/projects/$project', component: screens.project })
const projectHome = createRoute({
  getParentRoute: () => project,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/projects/$project/connections', params })
  },
})
const connections = createRoute({ getParentRoute: () => project, path: '/connections', component: screens.connections })
/** A connection or token named "new" would have the address of its form. No name starts with a tilde. */
const RESERVED = 'new'
const nameIn = (address: string): string => address.replace(/^~/, '')
const addressOf = (name: string): string => (name === RESERVED ? `~${name}` : name)
const addConnection = createRoute({
  getParentRoute: () => project,
  path: '/connections/new',
  component: screens.addConnection,
})
const addConnectionStep = createRoute({
  getParentRoute: () => project,
  path: '/connections/new/$step',
  component: screens.addConnection,
})
const connection = createRoute({
  getParentRoute: () => project,
  path: '/connections/$connection',
  component: screens.connection,
  validateSearch: ({ tab }: Record<string, unknown>): { tab?: string } => (typeof tab === 'string' ? { tab } : {}),
  params: {
    parse: ({ connection: name }) => ({ connection: nameIn(name) }),
    stringify: ({ connection: name }) => ({ connection: addressOf(name) }),
  },
})
const tokens = createRoute({ getParentRoute: () => project, path: '/tokens', component: screens.tokens })
const newToken = createRoute({
  getParentRoute: () => project,
  path: '/tokens/new',
  component: screens.newToken,
  validateSearch: newTokenSearch,
})
const token = createRoute({
  getParentRoute: () => project,
  path: '/tokens/$token',
  component: screens.token,
  validateSearch: ({ tab, add }: Record<string, unknown>): { tab?: string; add?: number } => ({
    ...(typeof tab === 'string' ? { tab } : {}),
    // A denied request, whose missing permission is added to the draft.
    ...(typeof add === 'number' ? { add } : {}),
  }),
  params: {
    parse: ({ token: name }) => ({ token: nameIn(name) }),
    stringify: ({ token: name }) => ({ token: addressOf(name) }),
  },
})
const projectSettings = createRoute({
  getParentRoute: () => project,
  path: '/settings',
  component: screens.projectSettings,
})
const connect = createRoute({
  getParentRoute: () => project,
  path: '/connect',
  component: screens.connect,
  validateSearch: ({ token: name }: Record<string, unknown>): { token?: string } =>
    typeof name === 'string' || typeof name === 'number' ? { token: String(name) } : {},
})
const log = createRoute({
  getParentRoute: () => project,
  path: '/log',
  component: screens.log,
  validateSearch: logSearch,
})

const routeTree = root.addChildren([
  home,
  overview,
  attention,
  welcome,
  activity,
  approvals,
  allLog,
  request,
  settings,
  project.addChildren([
    projectHome,
    connections,
    addConnection,
    addConnectionStep,
    connection,
    tokens,
    newToken,
    token,
    connect,
    log,
    projectSettings,
  ]),
])

/**
 * Numbers entries whose address was typed. Without a number, the router can't tell where a blocked navigation came from:
 * it reloads the page instead of going back, and a secret that is shown once is lost.
 */
function createNumberedHistory(): RouterHistory {
  let history: RouterHistory | null = null
  // Added before the router's own listener, which reads the number.
  window.addEventListener('popstate', () => {
    if (window.history.state !== null || history === null) return
    // The console can be served where crypto.randomUUID is missing.
    const key = String(Math.random()).slice(2)
    const state = { key, __TSR_key: key, __TSR_index: history.location.state.__TSR_index + 1 }
    // The router replaces the method of the instance, to navigate whenever it is called.
    History.prototype.replaceState.call(window.history, state, '')
  })
  history = createHashHistory()
  return history
}

/** Routes are in the fragment, because the same build is served under the app's protocol and under /console. */
export function createAppRouter() {
  return createRouter({
    routeTree,
    history: createNumberedHistory(),
    defaultPreload: 'intent',
    defaultErrorComponent: BrokenScreen,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
