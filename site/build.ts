import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Builds the pages of the repository as a website with search, in site/dist. VitePress finds its modules only from pages below its
 * own folder, so they are copied. Their folders stay, so that links work on GitHub and here.
 */
const site = import.meta.dirname
const pages = join(site, 'pages')
const COPIED = [
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'bench/README.md',
  'docs',
] as const

rmSync(pages, { recursive: true, force: true })
for (const path of COPIED) cpSync(join(site, '..', path), join(pages, path), { recursive: true })
const { status } = spawnSync(process.execPath, [join(site, 'node_modules/vitepress/bin/vitepress.js'), 'build'], {
  cwd: site,
  stdio: 'inherit',
})
rmSync(pages, { recursive: true, force: true })
process.exitCode = status ?? 1
