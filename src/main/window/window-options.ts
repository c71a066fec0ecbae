import type { BrowserWindowConstructorOptions } from 'electron'
import { MIN_SIZE } from './window-bounds.ts'

/** Color of the page before it has painted, to avoid a flash. */
export function backgroundColor(dark: boolean): string {
  return dark ? '#10141a' : '#ffffff'
}

/** Returns the options of every window: sandboxed, isolated, without Node. */
export function windowOptions(parts: {
  preload: string
  dark: boolean
  devTools: boolean
  icon: string
}): BrowserWindowConstructorOptions {
  return {
    title: 'Hallpass',
    icon: parts.icon,
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    show: false,
    backgroundColor: backgroundColor(parts.dark),
    autoHideMenuBar: true,
    webPreferences: {
      preload: parts.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: parts.devTools,
    },
  }
}
