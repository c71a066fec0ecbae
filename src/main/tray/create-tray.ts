import { join } from 'node:path'
import { Menu, nativeImage, nativeTheme, Tray, type MenuItemConstructorOptions } from 'electron'
import type { TrayAction, TrayItem } from './tray-item.ts'
import { trayMenu } from './tray-menu.ts'
import { tooltipText, trayState, type TraySnapshot, type TrayState } from './tray-state.ts'

export interface AppTray {
  show(snapshot: TraySnapshot): void
  close(): void
}

/**
 * Creates the icon in the system tray. Redraws only what changed, because setting the menu again would close it while
 * it is open.
 */
export function createTray({ assets, onAction }: { assets: string; onAction(action: TrayAction): void }): AppTray {
  let shown = { icon: '', tooltip: '', menu: '' }
  let last: TraySnapshot | null = null
  const image = (icon: string) => nativeImage.createFromPath(join(assets, 'tray', icon))
  const look = () => ({ platform: process.platform, dark: isPanelDark(process.platform, nativeTheme) })
  const tray = new Tray(image(trayIconFile('idle', look())))
  tray.on('click', () => {
    // On macOS a click opens the menu.
    if (process.platform !== 'darwin') onAction({ kind: 'open' })
  })

  function show(snapshot: TraySnapshot): void {
    last = snapshot
    const icon = trayIconFile(trayState(snapshot), look())
    const tooltip = tooltipText(snapshot)
    const items = trayMenu(snapshot)
    const menu = JSON.stringify(items)
    if (icon !== shown.icon) tray.setImage(image(icon))
    if (tooltip !== shown.tooltip) tray.setToolTip(tooltip)
    if (menu !== shown.menu)
      tray.setContextMenu(Menu.buildFromTemplate(items.map((item) => electronItem(item, onAction))))
    shown = { icon, tooltip, menu }
  }

  const recolor = (): void => {
    if (last !== null) show(last)
  }
  nativeTheme.on('updated', recolor)
  return {
    show,
    close() {
      nativeTheme.off('updated', recolor)
      tray.destroy()
    },
  }
}

/** Returns the file of a state's image in assets/tray. macOS colors a template image itself; elsewhere the image must suit the panel. */
export function trayIconFile(
  state: TrayState,
  { platform, dark }: { platform: NodeJS.Platform; dark: boolean },
): string {
  if (platform === 'darwin') return `${state}Template.png`
  // Windows picks the size that suits the screen from an ICO file; a PNG would be scaled.
  return `${state}-${dark ? 'dark' : 'light'}.${platform === 'win32' ? 'ico' : 'png'}`
}

/**
 * Returns whether the panel that holds the icon is dark. On Windows the taskbar has a separate theme, independent of
 * the theme of apps and of Hallpass.
 */
export function isPanelDark(
  platform: NodeJS.Platform,
  theme: { shouldUseDarkColors: boolean; shouldUseDarkColorsForSystemIntegratedUI?: boolean },
): boolean {
  const panel = platform === 'win32' ? theme.shouldUseDarkColorsForSystemIntegratedUI : undefined
  return panel ?? theme.shouldUseDarkColors
}

function electronItem(
  { action, submenu, ...item }: TrayItem,
  onAction: (action: TrayAction) => void,
): MenuItemConstructorOptions {
  return {
    ...item,
    ...(submenu === undefined ? {} : { submenu: submenu.map((one) => electronItem(one, onAction)) }),
    ...(action === undefined ? {} : { click: () => onAction(action) }),
  }
}
