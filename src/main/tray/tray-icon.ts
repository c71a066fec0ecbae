import type { TrayState } from './tray-state.ts'

/** File of a state's image in assets/tray. macOS colours a template image itself; elsewhere it must suit the panel. */
export function trayIconFile(
  state: TrayState,
  { platform, dark }: { platform: NodeJS.Platform; dark: boolean },
): string {
  if (platform === 'darwin') return `${state}Template.png`
  return `${state}-${dark ? 'dark' : 'light'}.png`
}
