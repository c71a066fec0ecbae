import { invalidRequest } from '../../../contract/errors.ts'
import { findProgram, type ProgramProblem } from '../../../platform/find-program.ts'
import type { Environment } from './launch-environment.ts'

const SENTENCES: Record<ProgramProblem, (command: string) => string> = {
  relative: (command) => `"${command}" is a relative path. Enter the full path: Hallpass runs in another folder.`,
  'has-spaces': (command) =>
    `"${command}" contains spaces. No shell reads the command, so enter the program alone and each argument on its own.`,
  missing: (command) => `"${command}" doesn't exist. Check the path.`,
  'not-a-file': (command) => `"${command}" isn't a file. Check the path.`,
  'not-executable': (command) => `"${command}" can't be executed. Check its permissions (chmod +x).`,
  'not-on-path': (command) => `"${command}" isn't on the PATH of Hallpass. Install it, or enter its full path.`,
}

/** Returns the file that a command names: on PATH, or by its full path. Throws INVALID_REQUEST with the problem and the way out. */
export async function findCommand(command: string, environment: Environment): Promise<string> {
  const found = await findProgram(command, environment)
  if ('file' in found) return found.file
  throw invalidRequest(SENTENCES[found.problem](command.slice(0, 80)), 'config.command', { reason: found.problem })
}
