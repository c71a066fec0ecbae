import { join } from 'node:path'
import { Menu, nativeImage, nativeTheme, Tray, type MenuItemConstructorOptions } from 'electron'
import { trayIconFile } from './tray-icon.ts'
import { trayMenu, type TrayAct, type TrayItem } from './tray-menu.ts'
import { tooltipText, trayState, type TraySnapshot } from './tray-state.ts'

export interface AppTray {
  show(snapshot: TraySnapshot): void
  close(): void
}

/** The icon in the system's tray, redrawn only in what changed: a menu set anew would close under the pointer. */
export function createTray({ assets, act }: { assets: string; act(act: TrayAct): void }): AppTray {
  let shown = { icon: '', tooltip: '', menu: '' }
  let last: TraySnapshot | null = null
  const image = (icon: string) => nativeImage.createFromPath(join(assets, 'tray', icon))
  const tray = new Tray(
    image(trayIconFile('idle', { platform: process.platform, dark: nativeTheme.shouldUseDarkColors })),
  )
  tray.on('click', () => {
    // On macOS the press opens the menu.
    if (process.platform !== 'darwin') act({ kind: 'open' })
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
    if (menu !== shown.menu) tray.setContextMenu(Menu.buildFromTemplate(items.map((item) => electronItem(item, act))))
    shown = { icon, tooltip, menu }
  }

  const recolour = (): void => {
    if (last !== null) show(last)
  }
  nativeTheme.on('updated', recolour)
  return {
    show,
    close() {
      nativeTheme.off('updated', recolour)
      tray.destroy()
    },
  }
}

function electronItem(
  { act: meaning, submenu, ...item }: TrayItem,
  act: (act: TrayAct) => void,
): MenuItemConstructorOptions {
  return {
    ...item,
    ...(submenu === undefined ? {} : { submenu: submenu.map((one) => electronItem(one, act)) }),
    ...(meaning === undefined ? {} : { click: () => act(meaning) }),
  }
}
