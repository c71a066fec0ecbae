import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const BUILT = join(ROOT, 'dist/cli.js')

/** Builds the command line and its engine, which tests start as processes, if a source is newer than the last build. */
export default function buildEngine(): void {
  const builtAt = existsSync(BUILT) ? statSync(BUILT).mtimeMs : 0
  const isNewer = (path: string): boolean => statSync(join(ROOT, path)).mtimeMs > builtAt
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).map((path) => join('src', path))
  if (![...sources, 'scripts/build.ts', 'package-lock.json'].some(isNewer)) return
  const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts/build.ts'), 'engine'], { stdio: 'inherit' })
  if (status !== 0) throw new Error('The engine could not be built.')
}
