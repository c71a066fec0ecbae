import { userInfo } from 'node:os'
import { extendPath, readLoginShellPath } from '../platform/login-shell-path.ts'

interface ShellEnvironmentParts {
  platform: NodeJS.Platform
  packaged: boolean
  environment: NodeJS.ProcessEnv
  read?: typeof readLoginShellPath
}

/**
 * Adds the folders of the login shell's PATH to this process, so that MCP servers find the same programs as in a
 * terminal. Only for an app that macOS started from the Dock or at login. In a terminal, `TERM` is set and PATH is
 * complete.
 */
export async function adoptLoginShellPath({
  platform,
  packaged,
  environment,
  read = readLoginShellPath,
}: ShellEnvironmentParts): Promise<void> {
  if (platform !== 'darwin' || !packaged || environment['TERM'] !== undefined) return
  const path = await read({ shell: environment['SHELL'] ?? userInfo().shell ?? '/bin/zsh', environment })
  if (path !== null) environment['PATH'] = extendPath(environment['PATH'] ?? '', path)
}
