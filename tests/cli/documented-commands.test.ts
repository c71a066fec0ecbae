import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { readConfiguration } from '../../src/cli/configuration/read-configuration.ts'
import { createProgram } from '../../src/cli/program/create-program.ts'

const root = join(import.meta.dirname, '../..')
const pages = ['README.md', 'SECURITY.md', ...readdirSync(join(root, 'docs')).map((file) => `docs/${file}`)].filter(
  (file) => file.endsWith('.md'),
)

/** Returns the words of every Hallpass command of a page: in its shell blocks, and in the text if the command is complete. */
function commandsOf(file: string): string[][] {
  const page = readFileSync(join(root, file), 'utf8')
  const blocks = [...page.matchAll(/```sh[^\n]*\n([\s\S]*?)```/g)].map(([, block = '']) =>
    block.replaceAll('\\\n', ' '),
  )
  const inText = [...page.replace(/```[\s\S]*?```/g, '').matchAll(/`((?:bin\/)?hallpass [^`…]+)`/g)]
    .map(([, command = '']) => command)
    .filter((command) => !isMentioned(command))
  return [...blocks, ...inText]
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/(?:^|\s)#\s.*$/, ''))
    .flatMap((line) => line.split(/ && | \| |\$\(/))
    .map((part) => part.trim().replace(/^(?:exec |env -u \S+ |[A-Z_]+=\S* )+/, ''))
    .map((part) => part.replace(/\s\d?>.*$/, '').replace(/\)$/, ''))
    .filter((part) => /^(?:bin\/)?hallpass /.test(part))
    .map((part) => [...part.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '').slice(1))
}

/** Returns true for a command that the text only names, without what it needs, and for the usage line of a reference. */
function isMentioned(command: string): boolean {
  return command.split(' ').length < 4 || /\[options\]|<\w+>/.test(command)
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
    expect(commands.length).toBeGreaterThan(150)
  })

  test.each(commands)('$file: hallpass $line', async ({ words }) => {
    await expect(parse(words)).resolves.toBeUndefined()
  })

  test('are rejected with an option that does not exist', async () => {
    await expect(parse(['create', 'token', 'ci', '-p', 'demo', '--forever'])).rejects.toThrow('--forever')
    await expect(parse(['create', 'tokens', 'ci'])).rejects.toThrow('tokens')
  })
})

describe('the documented setup files', () => {
  const files = pages.flatMap((file) => {
    const blocks = readFileSync(join(root, file), 'utf8').matchAll(/```yaml\n(version: 1\n[\s\S]*?)```/g)
    return [...blocks].map(([, text = '']) => ({ file, text }))
  })

  test('are found', () => {
    expect(files.length).toBeGreaterThan(0)
  })

  test.each(files)('of $file can be applied', ({ file, text }) => {
    expect(readConfiguration(text, file).configuration.version).toBe(1)
  })
})
