import { join } from 'node:path'
import { app, BaseWindow, clipboard, ClipboardItem, Menu, nativeTheme, powerMonitor, session } from 'electron'
import { t } from '../contract/text/translate.ts'
import { withSecretText } from './clipboard/secret-text.ts'
import { createTokenClipboard } from './clipboard/create-token-clipboard.ts'
import { applicationMenu } from './application-menu.ts'
import { createEngineLink } from './engine/create-engine-link.ts'
import type { EngineSources } from './engine/reached-engine.ts'
import { createDesktopRouter } from './ipc/create-desktop-router.ts'
import { servePorts } from './ipc/serve-ports.ts'
import { createShellActions } from './ipc/shell-actions.ts'
import { createLoginItem } from './login-item.ts'
import { createNotify } from './notifications/create-notify.ts'
import { notifyAboutItems } from './notifications/notify-about-items.ts'
import { showsItem } from './notifications/item-path.ts'
import { confineSession } from './page/confine-page.ts'
import { servePage } from './page/serve-page.ts'
import { createPauseOnLock } from './pause-on-lock.ts'
import { openShellMemory } from './shell-memory.ts'
import { createTray } from './tray/create-tray.ts'
import { createTrayActions } from './tray/tray-actions.ts'
import { updateTray } from './tray/update-tray.ts'
import { watchPower, watchSessionEnd } from './watch-system.ts'
import { createMainWindow } from './window/create-main-window.ts'

/** What the app's events control. */
export interface Desktop {
  openWindow(path?: string): void
  /** Stops what runs in this process, within a time limit. Never rejects. */
  close(): Promise<void>
}

interface DesktopParts {
  /** The build's folder, with desktop/, renderer/ and engine.js. */
  dist: string
  assets: string
  userData: string
  sources: EngineSources
  /** Pages below these URLs can be opened in the browser. */
  documentation: readonly string[]
}

/** The engine gives running requests 5 s to finish. The rest is for writing the log. */
const CLOSE_TIMEOUT_MS = 10_000

/** Creates the shell. The app must be ready. */
export function createDesktop({ dist, assets, userData, sources, documentation }: DesktopParts): Desktop {
  const report = (sentence: string): void => console.error(`hallpass: ${sentence}`)
  const memory = openShellMemory(join(userData, 'shell.json'))
  const engine = createEngineLink({ sources, now: Date.now })
  const icon = join(assets, 'icon.png')
  const notify = createNotify(icon, (path) => window.open(path))
  const tokens = createTokenClipboard({
    clipboard: withSecretText(clipboard, process.platform, ClipboardItem),
    now: Date.now,
    failed: () => report('the clipboard did not respond'),
  })
  const notices = notifyAboutItems({
    notify,
    memory,
    now: Date.now,
    isShown(item) {
      const shown = window.current
      return shown?.isFocused() === true && shown.isVisible() && showsItem(shown.webContents.getURL(), item)
    },
  })
  const loginItem = createLoginItem(app, process.env)

  Menu.setApplicationMenu(Menu.buildFromTemplate(applicationMenu(process.platform, app.isPackaged)))
  confineSession(session.defaultSession)
  servePage(join(dist, 'renderer'))
  const window = createMainWindow({
    preload: join(dist, 'desktop/preload.cjs'),
    icon,
    packaged: app.isPackaged,
    memory,
    dock: app.dock,
    onHidden() {
      if (memory.current.told_of_tray === true) return
      memory.store({ told_of_tray: true })
      notify({
        title: t`Hallpass is still running`,
        body: t`Agents and scripts can still connect. To quit, use the tray menu.`,
      })
    },
  })
  servePorts({
    router: createDesktopRouter({
      engine,
      report: (error) => report(`internal error: ${error.cause instanceof Error ? error.cause.name : 'unknown'}`),
      shell: createShellActions({
        window: () => window.current,
        clipboard: tokens,
        loginItem,
        documentation,
        redrawTray: () => keeping.redraw(),
      }),
    }),
    windowId: () => window.current?.webContents.id ?? null,
    report,
  })

  const leaving = new AbortController()
  const pausing = createPauseOnLock({
    owner: () => engine.owner(),
    memory,
    failed: () => report('access was not paused or resumed: the engine does not respond'),
  })
  const endSession = (): void => {
    // First, because Windows doesn't wait until the engine is drained.
    engine.flushLog()
    app.quit()
  }
  watchSessionEnd({
    platform: process.platform,
    makeWindow: () => new BaseWindow({ show: false, skipTaskbar: true }),
    onSessionEnd: endSession,
  })
  watchPower(powerMonitor, { pausing, awake: () => tokens.check(), shutdown: endSession })
  const tray = createTray({
    assets,
    onAction: createTrayActions({
      engine,
      clipboard: tokens,
      loginItem,
      notify,
      open: (path) => window.open(path),
      quit: () => app.quit(),
      redraw: () => keeping.redraw(),
    }),
  })
  const keeping = updateTray(
    {
      engine,
      tray,
      loginItem,
      onStatus: (status, settings) => {
        if (nativeTheme.themeSource !== settings.theme) nativeTheme.themeSource = settings.theme
        pausing.know({ paused: status.paused, wanted: settings.pause_on_lock })
      },
      onSessions: (alive) => tokens.sessionsAre(alive),
      onItems: (items, { notifications }) => notices.see(items, notifications),
      onLost: () => void tokens.sessionsEnded(),
    },
    leaving.signal,
  )

  return {
    openWindow: (path) => window.open(path),
    async close() {
      window.allowClose()
      await engine.stop(CLOSE_TIMEOUT_MS).catch(() => report('the engine did not stop cleanly'))
      leaving.abort()
      await tokens.sessionsEnded()
      tray.close()
    },
  }
}
