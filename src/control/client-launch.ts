import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ClientLaunch } from '../engine/clients/client-connections.ts'

const FOLDER_VARIABLES = ['HALLPASS_HOME', 'XDG_DATA_HOME']

/**
 * How MCP clients of this user start this installation: `command`, else its Node and `bin/hallpass`, both by their whole path, since a
 * client that was started from a desktop finds neither on its PATH. Undefined where there is no such command.
 */
export function clientLaunch(
  home: string,
  environment: NodeJS.ProcessEnv,
  command: readonly string[] | undefined = scriptCommand(),
): ClientLaunch | undefined {
  if (command === undefined) return undefined
  // A client does not inherit what named the folder here.
  const moved = FOLDER_VARIABLES.some((name) => (environment[name] ?? '') !== '')
  return {
    launch: { command, environment: moved ? { HALLPASS_HOME: home } : {} },
    places: { platform: platform(), home: homedir(), environment },
  }
}

function scriptCommand(): string[] | undefined {
  const root = installFolder(dirname(fileURLToPath(import.meta.url)))
  const node = root === undefined ? undefined : nodeOf(root)
  return root === undefined || node === undefined ? undefined : [node, join(root, 'bin', 'hallpass')]
}

/** The folder that holds `bin`: beside `dist` where this was built, above `src` where it runs from source; none in a package. */
function installFolder(folder: string): string | undefined {
  if (existsSync(join(folder, 'bin', 'hallpass')) && existsSync(join(folder, 'package.json'))) return folder
  return dirname(folder) === folder ? undefined : installFolder(dirname(folder))
}

/** The Node that comes with the installation stays where it is; one on the PATH may be gone with its next version. */
function nodeOf(root: string): string | undefined {
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(own)) return own
  return process.versions['electron'] === undefined ? process.execPath : undefined
}

function platform(): ClientLaunch['places']['platform'] {
  return process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'linux'
}
