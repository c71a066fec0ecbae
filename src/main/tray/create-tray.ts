import { join } from 'node:path'
import { Menu, nativeImage, nativeTheme, Tray, type MenuItemConstructorOptions } from 'electron'
import { trayMenu, type TrayAction, type TrayItem } from './tray-menu.ts'
import { tooltipText, trayState, type TraySnapshot, type TrayState } from './tray-state.ts'

export interface AppTray {
  show(snapshot: TraySnapshot): void
  close(): void
}

/** The icon in the system tray. Only what changed is redrawn, because setting a menu again would close it under the pointer. */
export function createTray({ assets, onAction }: { assets: string; onAction(action: TrayAction): void }): AppTray {
  let shown = { icon: '', tooltip: '', menu: '' }
  let last: TraySnapshot | null = null
  const image = (icon: string) => nativeImage.createFromPath(join(assets, 'tray', icon))
  const tray = new Tray(
    image(trayIconFile('idle', { platform: process.platform, dark: nativeTheme.shouldUseDarkColors })),
  )
  tray.on('click', () => {
    // On macOS a click opens the menu.
    if (process.platform !== 'darwin') onAction({ kind: 'open' })
  })

  function show(snapshot: TraySnapshot): void {
    last = snapshot
    const icon = trayIconFile(trayState(snapshot), {
      platform: process.platform,
      dark: nativeTheme.shouldUseDarkColors,
    })
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
  return `${state}-${dark ? 'dark' : 'light'}.png`
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
