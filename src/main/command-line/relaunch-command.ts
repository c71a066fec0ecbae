import { displayProblem } from '../display-problem.ts'
import { HIDDEN_ARGUMENT } from '../login-item.ts'
import { isPassingCopy, programPath } from './own-program.ts'

export interface RunningApp {
  platform: NodeJS.Platform
  environment: NodeJS.ProcessEnv
  execPath: string
  execArgv: readonly string[]
  packaged: boolean
  /** Of an unpackaged app. */
  appPath: string
  /** It was started without the runtime's sandbox, so that is how it starts here. */
  unsandboxed: boolean
}

/** Read before any of our code runs, so it must be among the arguments; without it the runtime wants a display. */
export const HEADLESS_FLAG = '--ozone-platform=headless'

/** Words that start this app again, from anywhere. */
function relaunchCommand({
  platform,
  environment,
  execPath,
  execArgv,
  packaged,
  appPath,
  unsandboxed,
}: RunningApp): string[] {
  const sandbox = platform === 'linux' && unsandboxed ? ['--no-sandbox'] : []
  return packaged ? [programPath(environment, execPath), ...sandbox] : [execPath, ...execArgv, appPath, ...sandbox]
}

/**
 * Words that start an engine for a verb that finds none: the app in the tray, where a person sees it, quits it, and finds its window in
 * the same process; a headless one where there is no display for a tray.
 */
export function engineCommand(app: RunningApp): string[] {
  return displayProblem(app.platform, app.environment) === null
    ? [...relaunchCommand(app), HIDDEN_ARGUMENT]
    : [...relaunchCommand(app), HEADLESS_FLAG, 'serve', '--detached']
}

/** Words for an MCP client's configuration. Undefined unless packaged, and where macOS runs a copy from a folder that goes away. */
export function clientCommand(app: RunningApp): string[] | undefined {
  if (!app.packaged || isPassingCopy(app.platform, app.execPath)) return undefined
  // Clients start servers with few of their variables, without those that name the display.
  return [...relaunchCommand(app), ...(app.platform === 'linux' ? [HEADLESS_FLAG] : [])]
}
