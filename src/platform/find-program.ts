import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { posix, win32 } from 'node:path'

export type ProgramProblem = 'relative' | 'has-spaces' | 'missing' | 'not-a-file' | 'not-executable' | 'not-on-path'

export type FoundProgram = { file: string } | { problem: ProgramProblem }

export interface ProgramFiles {
  /** Resolves to whether the path is a regular file; rejects with the system's error. */
  isFile(path: string): Promise<boolean>
  /** Rejects if the file is missing, or can't be executed. */
  checkExecutable(path: string): Promise<void>
}

const DEFAULT_ENDINGS = '.COM;.EXE;.BAT;.CMD'

/**
 * Finds the file that a command names: a full path, or a name on PATH. Never looks in the current folder, and never takes a
 * relative path: Hallpass runs in another folder than whoever wrote the command.
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
 * Returns the file to start for a command that a person typed in `folder`. Elsewhere than on Windows that is the command itself,
 * which the system looks up. Windows finds `npm.cmd` for `npm` only in a shell, and would look in the current folder first; a
 * command that isn't found is returned as it is, so that starting it fails with the system's own error.
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

/** A command with a separator, or on Windows with a drive (`C:tool.exe` is relative to that drive's folder), names a place. */
function namesPlace(command: string, windows: boolean): boolean {
  return command.includes('/') || (windows && (command.includes('\\') || /^[a-z]:/i.test(command)))
}

/** `\tools\x.exe` has no drive, so what it means depends on the folder that Hallpass runs in. */
function isFullPath(path: string, windows: boolean): boolean {
  return windows ? /^([a-z]:[\\/]|\\\\[^\\/])/i.test(path) : posix.isAbsolute(path)
}

/**
 * The name with each ending of PATHEXT, then the bare name. The ending comes first: npm puts a shell script `npx` beside
 * `npx.cmd`, and Windows can start only the second.
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
    // A program from the Microsoft Store is an alias that no program can open; Windows starts it all the same.
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
