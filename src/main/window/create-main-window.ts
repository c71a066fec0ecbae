import { BrowserWindow, nativeTheme, screen, type Dock } from 'electron'
import { APP_ORIGIN } from '../../contract/desktop/window-port.ts'
import type { StoredMemory } from '../shell-memory.ts'
import { openingBounds } from './window-bounds.ts'
import { backgroundColor, windowOptions } from './window-options.ts'

interface MainWindow {
  /** Shows the window, creating it if necessary. Opens the page's address `path`, such as `/approvals`, if given. */
  open(path?: string): void
  /** The window, if it exists. */
  readonly current: BrowserWindow | null
  /** Makes closing the window destroy it instead of hiding it. */
  allowClose(): void
}

interface WindowParts {
  preload: string
  icon: string
  packaged: boolean
  memory: StoredMemory
  /** Called when a person closes the window, which hides it and leaves the app in the tray. */
  onHidden(): void
  /** The Dock on macOS, undefined elsewhere. */
  dock?: Pick<Dock, 'show' | 'hide'> | undefined
}

const SETTLE_MS = 500
/** A page that crashes again this soon isn't reloaded, to avoid a loop. */
const CRASH_PAUSE_MS = 10_000

export function createMainWindow({ preload, icon, packaged, memory, onHidden, dock }: WindowParts): MainWindow {
  let current: BrowserWindow | null = null
  let mayClose = false

  function make(path: string): BrowserWindow {
    const window = new BrowserWindow({
      ...windowOptions({ preload, icon, dark: nativeTheme.shouldUseDarkColors, devTools: !packaged }),
      ...openingBounds(
        memory.current.bounds,
        screen.getAllDisplays().map((display) => display.workArea),
      ),
    })
    let settle: NodeJS.Timeout | undefined
    const keepBounds = (): void => {
      clearTimeout(settle)
      settle = setTimeout(() => {
        if (!window.isDestroyed() && !window.isMinimized()) memory.store({ bounds: window.getNormalBounds() })
      }, SETTLE_MS)
    }
    window.on('resize', keepBounds)
    window.on('move', keepBounds)
    window.once('ready-to-show', () => window.show())
    followInDock(window, dock)
    window.on('close', (event) => {
      if (mayClose) return
      event.preventDefault()
      hideWindow(window)
      onHidden()
    })
    window.on('closed', () => {
      clearTimeout(settle)
      current = null
    })
    // A crashed page is reloaded. If it crashes again soon, it is reloaded when the window is opened next.
    let crashedAt = 0
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      if (reason === 'clean-exit' || window.isDestroyed()) return
      const again = Date.now() - crashedAt < CRASH_PAUSE_MS
      crashedAt = Date.now()
      if (again) window.destroy()
      else window.webContents.reload()
    })
    const recolour = (): void => window.setBackgroundColor(backgroundColor(nativeTheme.shouldUseDarkColors))
    nativeTheme.on('updated', recolour)
    window.once('closed', () => nativeTheme.off('updated', recolour))
    load(window, path)
    return window
  }

  return {
    open(path) {
      if (current === null) {
        current = make(path ?? '/')
        return
      }
      if (path !== undefined) load(current, path)
      if (current.isMinimized()) current.restore()
      current.show()
      current.focus()
    },
    get current() {
      return current
    },
    allowClose() {
      mayClose = true
    },
  }
}

function load(window: BrowserWindow, path: string): void {
  // Routes are in the fragment, so a loaded page only changes its screen.
  window.loadURL(`${APP_ORIGIN}/index.html#${path}`).catch((thrown: unknown) => {
    console.error(`hallpass: the window's page did not load: ${(thrown as { code?: string }).code ?? 'unknown'}`)
  })
}

/** Shows the Dock icon while the window exists, because without it Cmd-Tab can't find the window. */
export function followInDock(window: Pick<BrowserWindow, 'on'>, dock: Pick<Dock, 'show' | 'hide'> | undefined): void {
  window.on('show', () => void dock?.show())
  window.on('hide', () => dock?.hide())
  // A window that is destroyed isn't hidden first.
  window.on('closed', () => dock?.hide())
}

/** Hides the window. On macOS a window hidden in full screen leaves a black space behind, so it leaves full screen first. */
export function hideWindow(window: Pick<BrowserWindow, 'hide' | 'isFullScreen' | 'setFullScreen' | 'once'>): void {
  if (!window.isFullScreen()) {
    window.hide()
    return
  }
  window.once('leave-full-screen', () => window.hide())
  window.setFullScreen(false)
}
