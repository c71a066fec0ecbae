import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { checkFuses } from './check-fuses.ts'
import { signingArguments } from './signing-arguments.ts'

/**
 * Packages the desktop app: `npm run package -- --linux dir`. Passes its arguments to electron-builder. With
 * ELECTRON_OVERRIDE_DIST_PATH it packages the Electron in that folder and downloads nothing. Verifies the fuses of the result.
 */
const root = join(import.meta.dirname, '..')
const electron = process.env['ELECTRON_OVERRIDE_DIST_PATH']
const args = [
  ...process.argv.slice(2),
  ...(electron === undefined || electron === '' ? [] : [`--config.electronDist=${electron}`]),
  ...signingArguments(process.env),
  '--publish',
  'never',
]
const { status } = spawnSync(process.execPath, [join(root, 'node_modules/electron-builder/cli.js'), ...args], {
  cwd: root,
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)

const output =
  args.find((arg) => arg.startsWith('--config.directories.output='))?.split('=')[1] ?? join(root, 'release')
const unpacked = existsSync(output)
  ? readdirSync(output).filter((name) => name.endsWith('-unpacked') || name.startsWith('mac'))
  : []
let wrong = unpacked.length === 0
for (const folder of unpacked) {
  const problems = await checkFuses(join(output, folder))
  wrong ||= problems.length > 0
  console.log(
    problems.length === 0
      ? `fuses of ${folder}: as they must be`
      : problems.map((problem) => `fuses of ${folder}: ${problem}`).join('\n'),
  )
}
if (wrong) process.exitCode = 1
