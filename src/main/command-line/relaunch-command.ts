import { displayProblem } from '../display-problem.ts'
import { HIDDEN_ARGUMENT } from '../login-item.ts'
import { isPassingCopy, programPath } from './own-program.ts'

export interface RunningApp {
  platform: NodeJS.Platform
  environment: NodeJS.ProcessEnv
  execPath: string
  execArgv: readonly string[]
  packaged: boolean
  /** Set if the app isn't packaged. */
  appPath: string
  /** Whether the app was started without the runtime's sandbox and has to be again. */
  unsandboxed: boolean
}

/**
 * The runtime reads this before any of our code runs, so it must be an argument. Without it, the runtime needs a
 * display.
 */
export const HEADLESS_FLAG = '--ozone-platform=headless'

/** Returns the command that starts this app again from any folder. */
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
 * Returns the command that starts an engine for a command that needs one. With a display that is the app in the tray,
 * where a person can see it, quit it and open its window. Without a display it is a headless engine.
 */
export function engineCommand(app: RunningApp): string[] {
  return displayProblem(app.platform, app.environment) === null
    ? [...relaunchCommand(app), HIDDEN_ARGUMENT]
    : [...relaunchCommand(app), HEADLESS_FLAG, 'serve', '--detached']
}

/**
 * Returns the command for an MCP client's configuration, or undefined if the app isn't packaged or macOS runs it from a
 * temporary location.
 */
export function clientCommand(app: RunningApp): string[] | undefined {
  if (!app.packaged || isPassingCopy(app.platform, app.execPath)) return undefined
  // Clients start servers with few of their own variables, and without those that name the display.
  return [...relaunchCommand(app), ...(app.platform === 'linux' ? [HEADLESS_FLAG] : [])]
}
