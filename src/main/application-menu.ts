import type { MenuItemConstructorOptions } from 'electron'
import { t } from '../contract/text/translate.ts'

/** Returns the menu bar: the usual menus on macOS, elsewhere a hidden menu that only provides keyboard shortcuts. */
export function applicationMenu(platform: NodeJS.Platform, packaged: boolean): MenuItemConstructorOptions[] {
  const forDevelopers: MenuItemConstructorOptions[] = [
    { type: 'separator' },
    { role: 'reload' },
    { role: 'toggleDevTools' },
  ]
  const view: MenuItemConstructorOptions = {
    label: t`View`,
    submenu: [
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
      ...(packaged ? [] : forDevelopers),
    ],
  }
  if (platform === 'darwin') return [{ role: 'appMenu' }, { role: 'editMenu' }, view, { role: 'windowMenu' }]
  return [{ label: t`File`, submenu: [{ role: 'close' }, { role: 'quit' }] }, { role: 'editMenu' }, view]
}
