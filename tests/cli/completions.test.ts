import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROGRAM } from '../support/command-line.ts'
import { openCommandLine, type CommandLine } from './support/cli-in-process.ts'
import { hasShell, SHELLS, type Shell } from './support/find-shell.ts'

/** How each shell starts without the settings of its user, and loads the completions. */
const STARTS: Readonly<Record<Shell, { command: string[]; load: string }>> = {
  bash: { command: ['bash', '--norc', '--noprofile', '-i'], load: 'source <(hallpass completions bash)' },
  zsh: {
    command: ['zsh', '-f', '-i'],
    load: 'autoload -Uz compinit && compinit -u -D; source <(hallpass completions zsh)',
  },
  fish: { command: ['fish', '--no-config', '-i'], load: 'hallpass completions fish | source' },
}

let line: CommandLine
let folder: string
beforeAll(async () => {
  line = await openCommandLine()
  await line.run('create', 'token', 'reporter', '-p', 'demo', '--clone')
  folder = mkdtempSync(join(tmpdir(), 'hallpass-shell-'))
  writeFileSync(join(folder, 'hallpass'), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`)
  chmodSync(join(folder, 'hallpass'), 0o755)
})
afterAll(async () => {
  await line[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** Types into a shell in a real terminal. Resolves with what it showed, and whether all patterns came up. */
function type(shell: Shell, steps: [text: string, pattern: string][]): Promise<{ ok: boolean; shown: string }> {
  const environment = {
    PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    HALLPASS_HOME: line.engine.home,
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
    TERM: 'xterm',
    LANG: 'C.UTF-8',
  }
  const child = spawn('python3', [join(import.meta.dirname, 'support/type-in-terminal.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const { command, load } = STARTS[shell]
  const loaded: [string, string] = [`${load}; echo READY''NOW\n`, 'READYNOW']
  child.stdin.end(JSON.stringify({ command, env: environment, steps: [loaded, ...steps] }))
  return new Promise((done) => {
    let shown = ''
    child.stdout.on('data', (chunk) => (shown += String(chunk)))
    child.once('close', (code) => done({ ok: code === 0, shown }))
  })
}

describe.each(SHELLS.filter(hasShell))('completion in %s, in a real terminal', (shell) => {
  it('completes a verb, a token and a table', { timeout: 120_000 }, async () => {
    const clear = '\u0015'
    const { ok, shown } = await type(shell, [
      ['hallpass desc\t', 'hallpass describe '],
      [`${clear}hallpass describe token -p demo repor\t`, 'demo reporter'],
      [`${clear}hallpass session -p demo --document sales --permissions read --resource Cus\t`, '--resource Customers'],
    ])
    expect({ ok, shown }).toMatchObject({ ok: true })
  })
})

describe('completion', () => {
  it('has no candidates and no error without an engine', async () => {
    const { runInProcess } = await import('./support/cli-in-process.ts')
    const ran = await runInProcess(join(folder, 'no-engine'), '', ['__complete', 'get', 'tokens', '-p', ''])
    expect(ran).toEqual({ code: 0, out: '', err: '' })
  })
  it('knows every verb, and the kinds that rename accepts', async () => {
    expect((await line.run('__complete', 'ap')).out).toBe('apply\n')
    expect((await line.run('__complete', 'rename', 'connection', 'sal')).out).toBe('sales\n')
  })
})
