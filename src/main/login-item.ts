import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { App } from 'electron'
import { invalidRequest } from '../contract/errors.ts'
import { autostartEntry, isAutostartOn } from './autostart-entry.ts'
import { isPassingCopy, programPath } from './command-line/own-program.ts'

export interface LoginItem {
  /**
   * False for a copy that isn't installed or that macOS runs from a temporary location, because the system would start
   * something else.
   */
  readonly possible: boolean
  readonly enabled: boolean
  /** Throws INVALID_REQUEST if `possible` is false. */
  set(open: boolean): void
}

type LoginApp = Pick<App, 'isPackaged' | 'getLoginItemSettings' | 'setLoginItemSettings'>

/** Starts the app in the tray, without its window. */
export const HIDDEN_ARGUMENT = '--hidden'

export function createLoginItem(app: LoginApp, environment: NodeJS.ProcessEnv): LoginItem {
  const possible = app.isPackaged && !isPassingCopy(process.platform, process.execPath)
  const setting = process.platform === 'linux' ? autostartFile(environment) : systemSetting(app)
  return {
    possible,
    get enabled() {
      return possible && setting.read()
    },
    set(open) {
      if (!possible) throw invalidRequest('Install Hallpass to use Open at login.', 'open_at_login')
      setting.write(open)
    },
  }
}

function systemSetting(app: LoginApp) {
  const options = { args: [HIDDEN_ARGUMENT] }
  return {
    read: () => app.getLoginItemSettings(options).openAtLogin,
    write: (open: boolean) => app.setLoginItemSettings({ openAtLogin: open, ...options }),
  }
}

/** Returns the path of the desktop entry that starts the app at login, because Electron has no login items on Linux. */
export function autostartFile(environment: NodeJS.ProcessEnv, program = programPath(environment, process.execPath)) {
  const { XDG_CONFIG_HOME: config, HOME: home = '/' } = environment
  const file = join(
    config === undefined || config === '' ? join(home, '.config') : config,
    'autostart',
    'hallpass.desktop',
  )
  return {
    read() {
      try {
        return isAutostartOn(readFileSync(file, 'utf8'))
      } catch {
        return false
      }
    },
    write(open: boolean) {
      if (!open) {
        rmSync(file, { force: true })
        return
      }
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, autostartEntry(program, [HIDDEN_ARGUMENT]))
    },
  }
}
