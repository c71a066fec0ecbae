import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

const PACKAGES = ['fastify', '@fastify/http-proxy', 'http-proxy', 'mcp-hub', 'mcp-proxy']

/** Installs the peers that are npm packages into a separate folder, unless they are already there, and sets BENCH_PEERS to it. */
export function installPeers(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const missing = PACKAGES.filter((name) => !existsSync(join(folder, 'node_modules', name)))
  const words = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', '--silent', ...missing]
  if (missing.length > 0) execFileSync('npm', words, { stdio: 'inherit', shell: process.platform === 'win32' })
  process.env['BENCH_PEERS'] = folder
}
