import type { Permission } from '../../contract/grants.ts'

/** What a click on a menu item does. Nothing in the tray allows an approval. */
export type TrayAction =
  | { kind: 'open'; path?: string }
  | { kind: 'pause' | 'resume' | 'end-sessions' | 'quit' | 'retry' }
  | { kind: 'end-session'; session: string }
  | { kind: 'mint'; project: string; document: string; permissions: Permission[] }
  | { kind: 'open-at-login'; open: boolean }

export interface TrayItem {
  id?: string
  label?: string
  type?: 'separator' | 'checkbox' | 'submenu'
  enabled?: boolean
  checked?: boolean
  action?: TrayAction
  submenu?: TrayItem[]
}

/** Escapes ampersands, because one in a menu label underlines the letter after it. */
export function escapeAmpersands(text: string): string {
  return text.replaceAll('&', '&&')
}
