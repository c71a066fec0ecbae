import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program/create-program.ts'

const root = join(import.meta.dirname, '../..')
const pages = ['README.md', 'SECURITY.md', ...readdirSync(join(root, 'docs')).map((file) => `docs/${file}`)].filter(
  (file) => file.endsWith('.md'),
)

/** Returns the words of every Hallpass command in the shell blocks of a page. */
function commandsOf(file: string): string[][] {
  const page = readFileSync(join(root, file), 'utf8')
  const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block.replaceAll('\\\n', ' '))
  return blocks
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/(?:^|\s)#\s.*$/, ''))
    .flatMap((line) => line.split(/ && | \| |\$\(/))
    .map((part) => part.replace(/ > \S+$/, ''))
    .map((part) => part.trim().replace(/\)$/, ''))
    .filter((part) => /^(?:bin\/)?hallpass /.test(part))
    .map((part) => [...part.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '').slice(1))
}

/** Parses a command without running it. */
async function parse(words: string[]): Promise<void> {
  const program = createProgram()
  const disarm = (command: Command): void => {
    command.action(() => {})
    command.commands.forEach(disarm)
  }
  program.commands.forEach(disarm)
  await program.parseAsync(words, { from: 'user' })
}

const commands = pages.flatMap((file) => commandsOf(file).map((words) => ({ file, words, line: words.join(' ') })))

describe('the documented commands', () => {
  test('are found', () => {
    expect(commands.length).toBeGreaterThan(70)
  })

  test.each(commands)('$file: hallpass $line', async ({ words }) => {
    await expect(parse(words)).resolves.toBeUndefined()
  })

  test('are rejected if they have an option that does not exist', async () => {
    await expect(parse(['create', 'token', 'ci', '-p', 'demo', '--forever'])).rejects.toThrow('--forever')
    await expect(parse(['create', 'tokens', 'ci'])).rejects.toThrow('tokens')
  })
})
