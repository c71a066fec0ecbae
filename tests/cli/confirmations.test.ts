import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROGRAM } from '../support/command-line.ts'
import { openCommandLine, type CommandLine } from './support/cli-in-process.ts'

let line: CommandLine
beforeAll(async () => {
  line = await openCommandLine()
  await line.run('create', 'project', 'spare')
  await line.run('include', 'sales', '-p', 'spare')
  await line.run('create', 'token', 'one', '-p', 'spare', '--clone')
})
afterAll(() => line[Symbol.asyncDispose]())

const projects = async () => (await line.engine.owner.projects.list()).map(({ name }) => name)

/** Runs a command in a real terminal and types an answer to its question. */
function answer(
  args: string[],
  question: string,
  reply: string,
  after: string,
): Promise<{ ok: boolean; shown: string }> {
  const child = spawn('python3', [join(import.meta.dirname, 'support/type-in-terminal.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env
  const environment = { PATH, NODE_COMPILE_CACHE, HALLPASS_HOME: line.engine.home, TERM: 'xterm' }
  const command = [process.execPath, PROGRAM, ...args]
  child.stdin.end(
    JSON.stringify({
      command,
      env: environment,
      steps: [
        ['', question],
        [reply, after],
      ],
    }),
  )
  return new Promise((done) => {
    let shown = ''
    child.stdout.on('data', (chunk) => (shown += String(chunk)))
    child.once('close', (code) => done({ ok: code === 0, shown }))
  })
}

describe.skipIf(process.platform === 'win32')('on a terminal', () => {
  it('deleting names what is deleted with it, and does nothing without a yes', { timeout: 60_000 }, async () => {
    const question = 'Delete project spare. Affects 1 token. Type yes to continue: '
    const refused = await answer(['delete', 'project', 'spare'], question, 'no\n', 'Nothing was deleted')
    expect([refused.ok, await projects()]).toEqual([true, ['demo', 'spare']])
    // Ctrl-C and Ctrl-D, which end the question without an answer.
    for (const key of ['\u0003', '\u0004']) {
      const left = await answer(['delete', 'project', 'spare'], question, key, 'Nothing was deleted')
      expect([left.ok, await projects()]).toEqual([true, ['demo', 'spare']])
    }
  })

  it('pruning lists what it deletes, and does it after a yes', { timeout: 60_000 }, async () => {
    const file = join(line.engine.home, 'setup.yaml')
    writeFileSync(file, 'version: 1\nprojects: { demo: {} }\n')
    const args = ['apply', '-f', file, '--prune']
    const refused = await answer(args, 'Delete project spare[\\s\\S]*Type yes', 'n\n', 'Nothing was changed')
    expect([refused.ok, await projects()]).toEqual([true, ['demo', 'spare']])
    const done = await answer(args, 'Type yes to continue: ', 'yes\n', 'Deleted project spare')
    expect([done.ok, await projects()]).toEqual([true, ['demo']])
  })
})
