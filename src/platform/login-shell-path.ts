import { spawn } from 'node:child_process'

/** Starts and ends the value in what the shell prints: profiles print greetings of their own. */
const MARK = '__hallpass_path__'
const MAX_OUTPUT = 256 * 1024

export interface LoginShell {
  /** Full path of the shell. */
  shell: string
  /** How long it may take, in milliseconds. A profile can ask a question or wait for a network. */
  timeoutMs?: number
  environment?: NodeJS.ProcessEnv
}

/**
 * Reads PATH as the user's login shell sets it, or null if it can't be read in time. A program that macOS starts from the Dock
 * gets the system's PATH alone, without the folders that nvm, Homebrew and MacPorts add in a profile.
 */
export function readLoginShellPath({
  shell,
  timeoutMs = 3000,
  environment = process.env,
}: LoginShell): Promise<string | null> {
  return new Promise((resolve) => {
    // printenv, because fish has other words for a variable than sh.
    const child = spawn(shell, ['-ilc', `printf %s ${MARK}; /usr/bin/printenv PATH; printf %s ${MARK}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
      // Profiles of some frameworks update themselves, or start tmux, unless told that nobody is looking.
      env: { ...environment, TERM: 'dumb', DISABLE_AUTO_UPDATE: 'true', ZSH_TMUX_AUTOSTART: 'false' },
      // A group of its own, so that whatever the profile started ends with it.
      detached: true,
    })
    let output = ''
    let settled = false
    const settle = (path: string | null): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      if (child.pid !== undefined) endGroup(child.pid)
      child.stdout.destroy()
      resolve(path)
    }
    const timer = setTimeout(() => settle(null), timeoutMs)
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (text: string) => {
      output += text
      const [, path, after] = output.split(MARK)
      if (path !== undefined && after !== undefined) settle(path.trim() === '' ? null : path.trim())
      else if (output.length > MAX_OUTPUT) settle(null)
    })
    child.once('error', () => settle(null))
    child.once('close', () => settle(null))
  })
}

/** Returns `path` with the folders of `shellPath` after it that it lacks, so that nothing found today is found elsewhere. */
export function extendPath(path: string, shellPath: string | null): string {
  const known = path.split(':').filter((folder) => folder !== '')
  const more = (shellPath ?? '').split(':').filter((folder) => folder.startsWith('/') && !known.includes(folder))
  return [...known, ...new Set(more)].join(':')
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
  }
}
