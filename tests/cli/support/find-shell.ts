import { spawnSync } from 'node:child_process'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** Returns whether the shell is installed here. */
export function hasShell(shell: Shell): boolean {
  return process.platform !== 'win32' && spawnSync(shell, ['--version'], { stdio: 'ignore' }).status === 0
}
