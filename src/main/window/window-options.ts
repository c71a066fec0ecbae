import type { BrowserWindowConstructorOptions } from 'electron'
import { LEAST_SIZE } from './window-bounds.ts'

/** Colours of the page before it has painted, so that opening never flashes. */
const BACKGROUND = { light: '#ffffff', dark: '#10141a' }

/** The only kind of window that there is: sandboxed, isolated, without Node. */
export function windowOptions(parts: { preload: string; dark: boolean; devTools: boolean; icon: string }): BrowserWindowConstructorOptions {
  return {
    title: 'Hallpass',
    icon: parts.icon,
    minWidth: LEAST_SIZE.width,
    minHeight: LEAST_SIZE.height,
    show: false,
    backgroundColor: parts.dark ? BACKGROUND.dark : BACKGROUND.light,
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
