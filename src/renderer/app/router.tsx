import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Navigate,
  redirect,
} from '@tanstack/react-router'
import { z } from 'zod'
import { ActivityScreen } from '../features/activity/activity-screen.tsx'
import { ApprovalsScreen } from '../features/approvals/approvals-screen.tsx'
import { ConnectScreen } from '../features/connect/connect-screen.tsx'
import { ConnectionsScreen } from '../features/connections/connections-screen.tsx'
import { LogScreen } from '../features/log/log-screen.tsx'
import { ProjectFrame } from '../features/projects/project-frame.tsx'
import { SettingsScreen } from '../features/settings/settings-screen.tsx'
import { TokenPage } from '../features/tokens/page/token-page.tsx'
import { TokensScreen } from '../features/tokens/tokens-screen.tsx'
import { WelcomeScreen } from '../features/welcome/welcome-screen.tsx'
import { BrokenScreen } from './broken-screen.tsx'
import { Shell } from './shell.tsx'

/** The log's filter. It is part of the URL, so that "More by this token" can be a link. Unknown parts are dropped. */
const logSearch = z.object({
  token: z.string().optional().catch(undefined),
  connection: z.string().optional().catch(undefined),
  method: z.string().optional().catch(undefined),
  status: z.string().optional().catch(undefined),
  text: z.string().optional().catch(undefined),
})

const root = createRootRoute({ component: Shell, notFoundComponent: () => <Navigate to="/welcome" /> })
const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/welcome' })
  },
})
const welcome = createRoute({ getParentRoute: () => root, path: '/welcome', component: WelcomeScreen })
const activity = createRoute({
  getParentRoute: () => root,
  path: '/activity',
  component: ActivityScreen,
  validateSearch: logSearch,
})
const approvals = createRoute({ getParentRoute: () => root, path: '/approvals', component: ApprovalsScreen })
const settings = createRoute({ getParentRoute: () => root, path: '/settings', component: SettingsScreen })
const project = createRoute({ getParentRoute: () => root, path: '/projects/$project', component: ProjectFrame })
const projectHome = createRoute({
  getParentRoute: () => project,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/projects/$project/connections', params })
  },
})
const connections = createRoute({ getParentRoute: () => project, path: '/connections', component: ConnectionsScreen })
const tokens = createRoute({ getParentRoute: () => project, path: '/tokens', component: TokensScreen })
const token = createRoute({ getParentRoute: () => project, path: '/tokens/$token', component: TokenPage })
const connect = createRoute({ getParentRoute: () => project, path: '/connect', component: ConnectScreen })
const log = createRoute({
  getParentRoute: () => project,
  path: '/log',
  component: LogScreen,
  validateSearch: logSearch,
})

const routeTree = root.addChildren([
  home,
  welcome,
  activity,
  approvals,
  settings,
  project.addChildren([projectHome, connections, tokens, token, connect, log]),
])

/** Routes are in the fragment, because the same build is served under the app's protocol and under /console. */
export function createAppRouter() {
  return createRouter({
    routeTree,
    history: createHashHistory(),
    defaultPreload: false,
    defaultErrorComponent: BrokenScreen,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
