import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ClientLaunch } from '../engine/clients/client-connections.ts'

/**
 * How MCP clients start this installation: its own Node and `bin/hallpass`, both by their whole path, since clients that were
 * started from a desktop find neither on their PATH; or `command`, where it is a program of its own.
 */
export function clientLaunch(home: string, environment: NodeJS.ProcessEnv, command: readonly string[] = scriptCommand()): ClientLaunch {
  return {
    launch: {
      command,
      // A client does not inherit what named the folder here.
      environment: FOLDER_VARIABLES.some((name) => (environment[name] ?? '') !== '') ? { HALLPASS_HOME: home } : {},
    },
    places: { platform: platform(), home: homedir(), environment },
  }
}

const FOLDER_VARIABLES = ['HALLPASS_HOME', 'XDG_DATA_HOME']

function scriptCommand(): string[] {
  const root = installFolder()
  return [nodeOf(root), join(root, 'bin', 'hallpass')]
}

/** The folder that holds `bin`: beside `dist` where this was built, above `src` where it runs from source. */
function installFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'bin', 'hallpass')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

/** The Node that comes with the installation stays where it is; one on the PATH may be gone with its next version. */
function nodeOf(root: string): string {
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  return existsSync(own) ? own : process.execPath
}

function platform(): ClientLaunch['places']['platform'] {
  return process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'linux'
}
