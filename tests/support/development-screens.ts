import { execFile } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../..')
const BUILT = join(ROOT, 'node_modules/.cache/development-screens')
const SOURCES = ['src/renderer', 'src/contract', 'package-lock.json']

/**
 * Returns the folder with the screens in React's development build, which says in the page's console what a production build
 * passes over, and runs each effect twice. Builds them if a source is newer.
 */
export async function developmentScreens(): Promise<string> {
  const index = join(BUILT, 'index.html')
  const builtAt = existsSync(index) ? statSync(index).mtimeMs : 0
  const files = SOURCES.flatMap((path) => {
    const under = join(ROOT, path)
    if (!statSync(under).isDirectory()) return [under]
    return readdirSync(under, { recursive: true, encoding: 'utf8' }).map((name) => join(under, name))
  })
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js')
  const how = ['--mode', 'development', '--minify', 'false', '--logLevel', 'warn', '--outDir', BUILT, '--emptyOutDir']
  if (files.some((file) => statSync(file).mtimeMs > builtAt))
    await promisify(execFile)(process.execPath, [vite, 'build', join(ROOT, 'src/renderer'), ...how], {
      cwd: ROOT,
      env: { ...process.env, NODE_ENV: 'development' },
    })
  return BUILT
}
