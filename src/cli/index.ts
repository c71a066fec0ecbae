import { lstatSync, mkdirSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { dataFolder } from '../control/data-folder.ts'

const args = process.argv.slice(2)
if (args[0] === 'serve' || args[0] === 'stdio') cacheCompiledCode(dataFolder(process.env))
// Imported only now, because modules that are loaded already aren't cached.
const { runCli } = await import('./run-cli.ts')
process.exitCode = await runCli(args)

/**
 * Lets Node store compiled code in the data folder, if only its owner can write it. Node's own choice is the folder for temporary
 * files, where another user could leave code for us.
 */
function cacheCompiledCode(home: string): void {
  const folder = join(home, 'compile-cache')
  try {
    if (process.env['NODE_COMPILE_CACHE'] !== undefined || !isOurs(home)) return
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (isOurs(folder)) enableCompileCache(folder)
  } catch {
    // Without a cache, or in a folder that can't be written, the start takes longer. Whatever else is wrong, the command reports.
  }
}

function isOurs(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  if (found?.isDirectory() !== true) return false
  return process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o022) === 0)
}
