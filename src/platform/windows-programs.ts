import { win32 } from 'node:path'

/** Programs that come with Windows, by their path below the system folder. */
const PROGRAMS = {
  cmd: ['System32', 'cmd.exe'],
  powershell: ['System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe'],
  taskkill: ['System32', 'taskkill.exe'],
} as const

type WindowsProgram = keyof typeof PROGRAMS

/**
 * Returns the full path of a Windows program. Windows searches the current folder before PATH, so a bare name would
 * start a file of that name in a repository.
 */
export function windowsProgram(name: WindowsProgram, environment: NodeJS.ProcessEnv = process.env): string {
  return win32.join(systemFolder(environment), ...PROGRAMS[name])
}

/**
 * Names of variables ignore case on Windows, but not in a copy of the environment. A relative value is as unsafe as a
 * bare name.
 */
function systemFolder(environment: NodeJS.ProcessEnv): string {
  const found = Object.entries(environment).find(([name]) => /^(systemroot|windir)$/i.test(name))?.[1]
  return found !== undefined && /^[a-z]:[\\/]/i.test(found) ? found : String.raw`C:\Windows`
}
