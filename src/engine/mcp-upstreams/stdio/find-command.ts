import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join, sep } from 'node:path'
import { HallpassError } from '../../../contract/errors.ts'
import type { Environment } from './launch-environment.ts'

/** The file that a command names: on PATH, or absolute. INVALID_REQUEST says what is wrong with it and what to do. */
export async function findCommand(command: string, environment: Environment): Promise<string> {
  if (command.includes('/') || command.includes(sep)) {
    if (!isAbsolute(command))
      throw refused(`“${command}” is a relative path: give the whole path, since Hallpass runs in another folder`)
    const flaw = await flawOf(command)
    if (flaw !== null) throw refused(`“${command}” ${flaw}`)
    return command
  }
  if (/\s/.test(command))
    throw refused(
      `“${command}” holds spaces: no shell reads it, so give the program alone and each argument with --arg`,
    )
  const path = environment['PATH'] ?? environment['Path'] ?? ''
  const endings =
    process.platform === 'win32' ? ['', ...(environment['PATHEXT'] ?? '.COM;.EXE;.BAT;.CMD').split(';')] : ['']
  for (const folder of path.split(delimiter)) {
    if (!isAbsolute(folder)) continue
    for (const ending of endings) {
      const file = join(folder, command + ending)
      if ((await flawOf(file)) === null) return file
    }
  }
  throw refused(`“${command}” is not on the PATH of Hallpass: install it, or give its whole path`)
}

async function flawOf(file: string): Promise<string | null> {
  try {
    if (!(await stat(file)).isFile()) return 'is not a file'
  } catch {
    return 'does not exist: check the path'
  }
  return access(file, constants.X_OK).then(
    () => null,
    () => 'may not be executed: check its permissions (chmod +x)',
  )
}

function refused(why: string): HallpassError {
  return new HallpassError('INVALID_REQUEST', `config.command: ${why}.`)
}
