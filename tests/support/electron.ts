import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const PACKAGE = join(import.meta.dirname, '../../node_modules/electron')

/** The Electron executable, or null where none was fetched. The package's own lookup would start a download. */
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
