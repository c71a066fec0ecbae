import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Outside of the repository, and kept between runs. */
const FOLDER = process.env['HALLPASS_AGENTS_FOLDER'] ?? join(tmpdir(), 'hallpass-agents')

/** Installs a package from npm into a folder of its own. Returns the path of its command and its version. */
export async function installAgent(name: string, command: string): Promise<{ command: string; version: string }> {
  const folder = join(FOLDER, name.replace(/^@/, '').replaceAll(/[^a-z0-9]+/g, '-'))
  const installed = join(folder, 'node_modules', '.bin', command)
  if (!existsSync(installed)) {
    mkdirSync(folder, { recursive: true })
    const approved = { [name]: true }
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, allowScripts: approved }))
    await npm(['install', '--no-audit', '--no-fund', '--fetch-retries=5', name], folder)
    // Some fetch or choose their program after the installation, which npm may have left out.
    await npm(['rebuild', name], folder)
  }
  const manifest = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')) as {
    version: string
  }
  return { command: installed, version: manifest.version }
}

function npm(args: string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('npm', args, { cwd, timeout: 900_000 }, (error, _out, stderr) =>
      error === null ? resolve() : reject(new Error(`npm ${args.join(' ')} failed: ${stderr.slice(-2000)}`)),
    )
  })
}
