import { execFileSync } from 'node:child_process'
import { assert, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { curlText } from '../../src/renderer/features/log/request/curl-text.ts'
import { curlCommand, shellsOf, type Shell } from '../../src/renderer/lib/curl-command.ts'
import { rowOf } from './support/log-stand-in.ts'

const TOKEN = 'the-token'

/** What each shell hands to curl: its arguments, and its input. */
const READERS: Record<Shell, (command: string) => { args: string[]; input: string | null }> = {
  sh(command) {
    const shell = `curl() { for word; do printf '%s\\0' "$word"; done; }\n${command}`
    const out = execFileSync('/bin/sh', ['-c', shell], { env: { HALLPASS_TOKEN: TOKEN }, encoding: 'utf8' })
    return { args: out.split('\0').slice(0, -1), input: null }
  },
  powershell(command) {
    const words: string[] = []
    let rest = command.replaceAll('`\n', ' ').trim()
    while (rest !== '') {
      const single = /^'((?:[^'\u2018-\u201b]|['\u2018-\u201b]{2})*)'(?= |$)/.exec(rest)
      const double = /^"([^"`$]*)\$env:HALLPASS_TOKEN"(?= |$)/.exec(rest)
      const bare = /^[^\s'"]+(?= |$)/.exec(rest)
      const [whole = ''] = single ?? double ?? bare ?? []
      if (whole === '') throw new Error(`PowerShell reads no word at: ${rest}`)
      if (single !== null) words.push((single[1] ?? '').replaceAll(/(['\u2018-\u201b])./g, '$1'))
      else words.push(double === null ? whole : `${double[1] ?? ''}${TOKEN}`)
      rest = rest.slice(whole.length).trim()
    }
    const pipe = words.indexOf('|')
    const args = words.slice(pipe + 1)
    expect(args.shift()).toBe('curl.exe')
    // Windows PowerShell passes these on in a way that splits the argument.
    for (const word of args) expect(word).not.toContain('"')
    return { args, input: pipe === -1 ? null : (words[0] ?? '') }
  },
  cmd(command) {
    // Variables first, then carets, then what the program's own runtime makes of the line.
    let line = ''
    let quoted = false
    for (let at = 0; at < command.length; at += 1) {
      const unit = command[at] ?? ''
      if (!quoted && unit === '^') line += command[++at] ?? ''
      else {
        if (unit === '"') quoted = !quoted
        if (!quoted) expect('&|<>()').not.toContain(unit)
        line += command.startsWith('%HALLPASS_TOKEN%', at) ? TOKEN : unit
        if (command.startsWith('%HALLPASS_TOKEN%', at)) at += '%HALLPASS_TOKEN%'.length - 1
      }
    }
    const args: string[] = []
    for (const [, word = ''] of line.matchAll(/((?:[^\s"]|"(?:\\.|[^"\\]|\\)*")+)/g))
      args.push(
        word
          .replace(/^"|"$/g, '')
          .replaceAll(/(\\+)("|$)/g, (_all, slashes: string, end: string) => '\\'.repeat(slashes.length >> 1) + end),
      )
    expect(args.shift()).toBe('curl')
    return { args, input: null }
  },
}
const SHELLS = process.platform === 'win32' ? (['powershell', 'cmd'] as const) : (['sh', 'powershell', 'cmd'] as const)

test('the default shell follows the system', () => {
  expect(shellsOf('Mozilla/5.0 (Windows NT 10.0; Win64; x64)')).toEqual(['powershell', 'cmd'])
  expect(shellsOf('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)')).toEqual(['sh'])
})

describe.each(SHELLS)('in %s', (shell) => {
  const read = READERS[shell]
  const bodyIn = ({ args, input }: { args: string[]; input: string | null }): unknown =>
    JSON.parse(input ?? args[args.indexOf('-d') + 1] ?? 'null')

  test('sends any body unchanged', () => {
    assert(
      property(string({ unit: 'grapheme', maxLength: 20 }), (value) => {
        const text = `${value}'"\\$(id)\`%PATH%^&|<>!’`
        const command = curlCommand(shell, {
          verb: 'POST',
          url: 'http://127.0.0.1:7717/x',
          headers: ['A: b'],
          body: JSON.stringify({ text }),
        })
        const found = read(command)
        expect(bodyIn(found)).toEqual({ text })
        expect(found.args.slice(0, 5)).toEqual(['-sS', '-X', 'POST', 'http://127.0.0.1:7717/x', '-H'])
        expect(found.args).toContain(`Authorization: Bearer ${TOKEN}`)
        expect(found.args).toContain('A: b')
      }),
      { numRuns: shell === 'sh' ? 20 : 200 },
    )
  })

  test("a path or name of a caller can't start another word", () => {
    const evil = `/v1/x" -o "C:\\\\Users\\\\a\\\\run.cmd" ' & calc | more; $(id) \`id\` %TEMP% ^ ’`
    const row = rowOf({ transport: 'http', method: 'GET', connection: 'crm', resource: evil })
    const { args } = read(curlText(row, 'http://127.0.0.1:7717', shell)?.command ?? '')
    expect(args).toHaveLength(4)
    const call = rowOf({ transport: 'mcp-http', method: `x" -o y '$(id)` })
    const given = read(curlText(call, 'http://127.0.0.1:7717', shell)?.command ?? '').args
    expect(given.filter((word) => word === '-o')).toEqual([])
  })
})
