import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ClientLaunch } from '../engine/clients/client-connections.ts'

const FOLDER_VARIABLES = ['HALLPASS_HOME', 'XDG_DATA_HOME']

/**
 * Returns how this user's MCP clients start this installation: `command` if given, else its Node and `bin/hallpass`.
 * Paths are absolute because a client started from the desktop finds neither on its PATH. Returns undefined if no such
 * command exists.
 */
export function clientLaunch(
  home: string,
  environment: NodeJS.ProcessEnv,
  command: readonly string[] | undefined = scriptCommand(),
): ClientLaunch | undefined {
  if (command === undefined) return undefined
  // Clients don't inherit the variable that set the data folder here.
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

/**
 * Returns the folder that contains `bin`: next to `dist` in a build, above `src` when run from source, undefined in a
 * package.
 */
function installFolder(folder: string): string | undefined {
  if (existsSync(join(folder, 'bin', 'hallpass')) && existsSync(join(folder, 'package.json'))) return folder
  return dirname(folder) === folder ? undefined : installFolder(dirname(folder))
}

/** Prefers the Node that comes with the installation, because the one on PATH can disappear with its next version. */
function nodeOf(root: string): string | undefined {
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(own)) return own
  return process.versions['electron'] === undefined ? process.execPath : undefined
}

function platform(): ClientLaunch['places']['platform'] {
  return process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'linux'
}
