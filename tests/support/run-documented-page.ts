import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { PageBlock } from './documented-page.ts'

const root = join(import.meta.dirname, '../..')
/** Separates the output of blocks. Programs don't print this character on their own. */
const MARK = '\u001E'

export interface BlockResult {
  block: PageBlock
  output: string
  /** Number of commands that exited with a code other than 0. */
  failures: number
}

export interface PageSurroundings {
  /** A scratch folder, which gets the files of the page and stands for the user's home folder. */
  folder: string
  environment: Readonly<Record<string, string>>
  /** Names in the page, and their counterparts here. */
  names: readonly (readonly [inPage: string, here: string])[]
}

/** Writes the files of a page and runs its commands in one shell, in order. */
export async function runPage(blocks: readonly PageBlock[], surroundings: PageSurroundings): Promise<BlockResult[]> {
  const { folder, environment, names } = surroundings
  const here = (page: string) => names.reduce((one, [from, to]) => one.replaceAll(from, to), page)
  const inPage = (output: string) => names.reduce((one, [to, from]) => one.replaceAll(from, to), output)
  for (const block of blocks) {
    const file = /^# ([\w.-]+\.(?:py|sh))\n/.exec(block.text)?.[1]
    if (file !== undefined) writeFileSync(join(folder, file), here(block.text), { mode: 0o700 })
  }
  const commands = blocks.filter(
    ({ language, note, text: lines }) => language === 'sh' && note !== 'not-run' && !/^# [\w.-]+\.sh\n/.test(lines),
  )
  const script = [
    'exec 2>&1',
    "trap 'failures=$((failures + 1))' ERR",
    ...commands.map((block) => `failures=0\n${here(block.text)}\nprintf '${MARK}%s${MARK}' "$failures"`),
  ].join('\n')
  const shell = spawn('bash', ['-c', script], {
    cwd: folder,
    env: { ...environment, HOME: folder, PATH: `${join(folder, 'hallpass/bin')}${delimiter}${process.env['PATH']}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const parts = (await text(shell.stdout)).split(MARK)
  return commands.map((block, index) => ({
    block,
    output: inPage(parts[2 * index] ?? ''),
    failures: Number(parts[2 * index + 1] ?? Number.NaN),
  }))
}

/** Puts `hallpass` on the PATH of the page and the examples into its folder. */
export function prepareFolder(folder: string): void {
  const bin = join(folder, 'hallpass/bin')
  mkdirSync(bin, { recursive: true })
  symlinkSync(join(root, 'examples'), join(folder, 'examples'))
  // The README is read in the checkout.
  symlinkSync(bin, join(folder, 'bin'))
  const hallpass = join(bin, 'hallpass')
  writeFileSync(hallpass, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin/hallpass')}' "$@"\n`)
  chmodSync(hallpass, 0o755)
}
