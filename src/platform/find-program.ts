import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { posix, win32 } from 'node:path'

export type ProgramProblem = 'relative' | 'has-spaces' | 'missing' | 'not-a-file' | 'not-executable' | 'not-on-path'

type FoundProgram = { file: string } | { problem: ProgramProblem }

export interface ProgramFiles {
  /** Resolves to whether the path is a regular file. Rejects with the system's error. */
  isFile(path: string): Promise<boolean>
  /** Rejects if the file is missing or not executable. */
  checkExecutable(path: string): Promise<void>
}

const DEFAULT_ENDINGS = '.COM;.EXE;.BAT;.CMD'

/**
 * Finds the file for a command: a full path, or a name on PATH. Never searches the current folder and never accepts a
 * relative path, because Hallpass runs in another folder than the one where the command was written.
 */
export async function findProgram(
  command: string,
  environment: NodeJS.ProcessEnv,
  parts: { platform?: NodeJS.Platform; files?: ProgramFiles } = {},
): Promise<FoundProgram> {
  const { platform = process.platform, files = systemFiles } = parts
  const windows = platform === 'win32'
  const path = windows ? win32 : posix
  const problemOf = (file: string): Promise<ProgramProblem | null> => checkProgram(file, files, windows)
  if (namesPlace(command, windows)) {
    if (!isFullPath(command, windows)) return { problem: 'relative' }
    const candidates = windows ? withEndings(command, environment) : [command]
    let first: ProgramProblem | null = null
    for (const file of candidates) {
      const problem = await problemOf(file)
      if (problem === null) return { file }
      first ??= problem
    }
    return { problem: first ?? 'missing' }
  }
  if (/\s/.test(command)) return { problem: 'has-spaces' }
  const folders = (valueOf(environment, 'PATH', windows) ?? '').split(path.delimiter)
  for (const folder of folders.map(withoutQuotes)) {
    if (!isFullPath(folder, windows)) continue
    for (const file of windows ? withEndings(path.join(folder, command), environment) : [path.join(folder, command)]) {
      if ((await problemOf(file)) === null) return { file }
    }
  }
  return { problem: 'not-on-path' }
}

/**
 * Returns the file to start for a command typed in `folder`. On Linux and macOS that is the command, which the system
 * looks up. On Windows, `npm` finds `npm.cmd` only in a shell, and the current folder would be searched first. A
 * command that isn't found is returned unchanged, so that starting it fails with the system's error.
 */
export async function fileOfTypedCommand(
  command: string,
  environment: NodeJS.ProcessEnv,
  parts: { platform?: NodeJS.Platform; folder?: string; files?: ProgramFiles } = {},
): Promise<string> {
  const { platform = process.platform, folder = process.cwd() } = parts
  if (platform !== 'win32') return command
  const full = namesPlace(command, true) ? win32.resolve(folder, command) : command
  const found = await findProgram(full, environment, parts)
  return 'file' in found ? found.file : command
}

/**
 * Returns whether the command is a path: it has a separator or, on Windows, a drive (`C:tool.exe` is relative to that
 * drive's current folder).
 */
function namesPlace(command: string, windows: boolean): boolean {
  return command.includes('/') || (windows && (command.includes('\\') || /^[a-z]:/i.test(command)))
}

/** `\tools\x.exe` has no drive, so its meaning depends on the folder that Hallpass runs in. */
function isFullPath(path: string, windows: boolean): boolean {
  return windows ? /^([a-z]:[\\/]|\\\\[^\\/])/i.test(path) : posix.isAbsolute(path)
}

/**
 * Returns the name with each extension of PATHEXT, then the bare name. The extensions come first because npm installs a
 * shell script `npx` next to `npx.cmd`, and Windows can only start the latter.
 */
function withEndings(file: string, environment: NodeJS.ProcessEnv): string[] {
  const endings = (valueOf(environment, 'PATHEXT', true) ?? DEFAULT_ENDINGS)
    .split(';')
    .filter((ending) => ending !== '')
  const has = endings.some((ending) => file.toLowerCase().endsWith(ending.toLowerCase()))
  return has ? [file] : [...endings.map((ending) => file + ending.toLowerCase()), file]
}

async function checkProgram(file: string, files: ProgramFiles, windows: boolean): Promise<ProgramProblem | null> {
  try {
    if (!(await files.isFile(file))) return 'not-a-file'
  } catch (thrown) {
    // A program from the Microsoft Store is an alias that can't be opened, but Windows can start it.
    const alias = windows && ['EACCES', 'EPERM', 'UNKNOWN'].includes((thrown as NodeJS.ErrnoException).code ?? '')
    if (!alias) return 'missing'
  }
  return files.checkExecutable(file).then(
    () => null,
    () => 'not-executable',
  )
}

function valueOf(environment: NodeJS.ProcessEnv, name: string, windows: boolean): string | undefined {
  if (!windows) return environment[name]
  return Object.entries(environment).find(([key]) => key.toUpperCase() === name)?.[1]
}

/** Windows allows quotes around a folder of PATH. */
function withoutQuotes(folder: string): string {
  return folder.replaceAll('"', '')
}

const systemFiles: ProgramFiles = {
  isFile: async (path) => (await stat(path)).isFile(),
  checkExecutable: (path) => access(path, constants.X_OK),
}
