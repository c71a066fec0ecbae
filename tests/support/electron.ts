import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const PACKAGE = join(import.meta.dirname, '../../node_modules/electron')

/** Returns the Electron executable, or null if it wasn't downloaded. The package's own lookup would download it. */
export function findElectron(): string | null {
  const named = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  const pathFile = join(PACKAGE, 'path.txt')
  const name = existsSync(pathFile)
    ? readFileSync(pathFile, 'utf8')
    : process.platform === 'win32'
      ? 'electron.exe'
      : 'electron'
  const path = join(named === undefined || named === '' ? join(PACKAGE, 'dist') : named, name)
  return existsSync(path) ? path : null
}
