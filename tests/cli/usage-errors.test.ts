import { describe, expect, it } from 'vitest'
import { invalidRequest } from '../../src/contract/errors.ts'
import { invalidInput } from '../../src/contract/input-errors.ts'
import { errorText, optionName } from '../../src/cli/flags/field-names.ts'
import { createProgram } from '../../src/cli/program/create-program.ts'

async function errorOf(...args: string[]): Promise<string> {
  const thrown: unknown = await createProgram()
    .parseAsync(args, { from: 'user' })
    .then(
      () => null,
      (error: unknown) => error,
    )
  return thrown instanceof Error ? thrown.message : 'no error'
}

describe('invalid arguments', () => {
  it.each([
    [['session', '-p', 'demo', '--document', 'sales'], 'Missing required option: --permissions <list>'],
    [['stdio'], 'Missing required option: -p, --project <name>'],
    [['get', 'clients'], 'Missing required option: -p, --project <name>'],
    [['delete', 'token'], 'Missing argument: NAME. See hallpass delete --help'],
    [['get', 'tokens', '-o', 'foo'], 'Invalid value "foo" for --output. Use table, json or yaml.'],
    [['get', 'tables'], 'Unknown kind "tables". Use project, connection, token, session, request or client.'],
    [['statsu'], 'Unknown command "statsu". The closest command is status. Run hallpass --help for a list.'],
    [
      ['create', 'tokne', 'x'],
      'Unknown command "tokne". The closest command is token. Run hallpass create --help for a list.',
    ],
    [
      ['status', '--outptu', 'json'],
      'Unknown option --outptu. The closest option is --output. See hallpass status --help',
    ],
    [['status', 'now'], 'Unexpected argument: "now". See hallpass status --help'],
    [['delete', 'token', 'a', 'b', 'c', '-p', 'demo'], 'Unexpected arguments: "b", "c". See hallpass delete --help'],
    [['logs', '-p'], 'Missing value for -p, --project <name>'],
  ])('%j', async (args, sentence) => {
    expect(await errorOf(...args)).toBe(sentence)
  })
})

describe('an engine error', () => {
  it('names the option of the field at fault', () => {
    expect(errorText(invalidRequest('Must be a limit such as 100/s or 600/m, or none.', 'rate'))).toBe(
      '--rate must be a limit such as 100/s or 600/m, or none.',
    )
    expect(errorText(invalidRequest('Enter an address starting with https://', 'config.url'))).toBe(
      'Enter an address starting with https:// (--url)',
    )
    expect(errorText(invalidRequest('Project "x" not found.', 'project'))).toBe('Project "x" not found.')
    expect(
      errorText(
        invalidRequest('Project "demo" has several local tokens (a, b).', 'token', { reason: 'several_local_tokens' }),
      ),
    ).toBe('Project "demo" has several local tokens (a, b). Choose one with --as.')
  })
  it('about several fields has one line for each', () => {
    const error = invalidInput([
      { message: 'must be short', path: ['name'] },
      { message: 'must be a word', path: ['config', 'auth', 'prefix'] },
    ])
    expect(errorText(error)).toBe('NAME must be short\n--auth must be a word')
  })
  it('names fields inside of a listed one by the option that contains them', () => {
    expect([optionName('grants.0.tables.1'), optionName('config.rules.2.path'), optionName('unknown')]).toEqual([
      '--bind',
      '--rule',
      null,
    ])
  })
})
