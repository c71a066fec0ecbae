import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Outside the repository, and kept between runs. */
const FOLDER = process.env['HALLPASS_PACKAGES'] ?? join(tmpdir(), 'hallpass-packages')

/** Installs a package from npm into a separate folder. Returns the path of its command and its version. */
export async function installPackage(
  name: string,
  command: string,
  wanted = 'latest',
): Promise<{ command: string; program: string; version: string }> {
  const folder = join(FOLDER, `${name.replace(/^@/, '').replaceAll(/[^a-z0-9]+/g, '-')}-${wanted}`)
  const installed = join(folder, 'node_modules', '.bin', command)
  if (!existsSync(installed)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, allowScripts: { [name]: true } }))
    await npm(
      ['install', '--no-audit', '--no-fund', '--fetch-retries=5', '--maxsockets=6', `${name}@${wanted}`],
      folder,
    )
    // Some packages download or choose their program after the installation, a step that npm may have skipped.
    await npm(['rebuild', name], folder)
  }
  const manifest = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')) as {
    version: string
  }
  return { command: installed, program: realpathSync(installed), version: manifest.version }
}

function npm(args: string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('npm', args, { cwd, timeout: 900_000 }, (error, _out, stderr) =>
      error === null ? resolve() : reject(new Error(`npm ${args.join(' ')} failed: ${stderr.slice(-2000)}`)),
    )
  })
}
