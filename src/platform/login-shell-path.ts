import { spawn } from 'node:child_process'

/** Surrounds the value in the shell's output, because profiles can print text too. */
const MARK = '__hallpass_path__'
const MAX_OUTPUT = 256 * 1024

interface LoginShell {
  /** Full path of the shell. */
  shell: string
  /** Timeout in milliseconds. A profile can ask a question or wait for a network. */
  timeoutMs?: number
  environment?: NodeJS.ProcessEnv
}

/**
 * Returns PATH as the user's login shell sets it, or null if it can't be read in time. macOS starts a program from the
 * Dock with the system's PATH, without the folders that nvm, Homebrew and MacPorts add in a profile.
 */
export function readLoginShellPath({
  shell,
  timeoutMs = 3000,
  environment = process.env,
}: LoginShell): Promise<string | null> {
  return new Promise((resolve) => {
    // Uses printenv, because fish has another syntax for variables than sh.
    const child = spawn(shell, ['-ilc', `printf %s ${MARK}; /usr/bin/printenv PATH; printf %s ${MARK}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
      // Some profile frameworks update themselves or start tmux in interactive shells unless these variables are set.
      env: { ...environment, TERM: 'dumb', DISABLE_AUTO_UPDATE: 'true', ZSH_TMUX_AUTOSTART: 'false' },
      // A separate process group, so that everything the profile started can be ended together.
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

/**
 * Returns `path` followed by those folders of `shellPath` that it doesn't have, so that existing lookups don't change.
 */
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
