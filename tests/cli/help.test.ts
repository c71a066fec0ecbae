import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program/create-program.ts'

/** Returns every command with its full name, parents first. */
function allCommands(command: Command, path: readonly string[] = []): [name: string, command: Command][] {
  const name = [...path, command.name()]
  return [[name.join(' '), command], ...command.commands.flatMap((child) => allCommands(child, name))]
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => 120,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return text
}

const commands = allCommands(createProgram())

describe('the help of every command', () => {
  it.each(commands)('%s ends with its own examples', (name, command) => {
    const [, examples = ''] = helpOf(command).split('\nExamples:\n')
    expect(examples).toContain(name)
  })
  it.each(commands)('%s has descriptions that start with a capital letter and have no period', (_name, command) => {
    const texts = [
      command.description(),
      ...command.options.filter(({ hidden }) => !hidden).map((one) => one.description),
    ]
    if (command.parent !== null) for (const text of texts) expect(text).toMatch(/^[A-Za-z].*[^.]$/s)
    for (const text of [command.description()]) expect(text).toMatch(/^[A-Z]/)
  })
  it('has the approved text', async () => {
    const text = commands.map(([name, command]) => `$ ${name} --help\n${helpOf(command)}`).join('\n')
    await expect(text.replaceAll(/ +$/gm, '')).toMatchFileSnapshot('./help.snapshot.txt')
  })
})
