import * as fc from 'fast-check'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { editorOf } from '../../src/engine/clients/config-editors.ts'
import { UneditableText } from '../../src/engine/clients/formats/config-editor.ts'
import { randomJsonc } from './support/random-jsonc.ts'
import { repeats } from '../support/repeats.ts'

const ENTRY = {
  command: '/opt/hall pass/"hallpass"',
  args: ['stdio', '--project', 'sales'],
  env: { HALLPASS_HOME: 'C:\\data' },
}
const NAME = 'hp-sales'

interface Case {
  format: 'json' | 'jsonc' | 'toml' | 'yaml'
  key: string
  text: string
}

/** Puts the entry in and takes it out again, without any record of what was there. */
function there({ format, key, text }: Case): string {
  return editorOf(format).put(text, key, NAME, ENTRY)
}
function thereAndBack(one: Case): string {
  return editorOf(one.format).remove(there(one), one.key, NAME)
}
const jsonc = (text: string): Case => ({ format: 'jsonc', key: 'mcpServers', text })
const toml = (text: string): Case => ({ format: 'toml', key: 'mcp_servers', text })
const yaml = (text: string): Case => ({ format: 'yaml', key: 'extensions', text })

describe('an unsafe edit is rejected', () => {
  it.each<[string, Case]>([
    ['a key that is given twice', jsonc('{"mcpServers": {"a": 1}, "mcpServers": {}}')],
    ['TOML servers in braces', toml('mcp_servers = { a = { command = "x" } }\n')],
    ['YAML servers in braces', yaml('extensions: {a: {cmd: x}}\n')],
    ['YAML that ends with a mark', yaml('a: 1\n...\n')],
    ['YAML of one flow mapping', yaml('{a: 1}\n')],
  ])('%s', (_, one) => {
    expect(() => there(one)).toThrow(UneditableText)
  })
  it('of a TOML entry that is not a section of its own', () => {
    expect(() => editorOf('toml').remove('[mcp_servers]\nhp-sales = { command = "x" }\n', 'mcp_servers', NAME)).toThrow(
      /isn't in its own section \[mcp_servers\.hp-sales\]/,
    )
  })
})

describe('JSON with comments', () => {
  it.each([
    ['{\n  "mcpServers": {\n    "a": { "command": "x" }, // mine\n    /* two\n       lines */\n  }, // end\n}\n'],
    ['{"mcpServers":{"a":{"command":"x"}}}'],
    ['{ "mcpServers": { "a": 1, /* } */ } }'],
    ['{\n\t"mcpServers":\n\t{\n\t\t"a": 1\n\t}\n}'],
    ['{\r\n  "mcpServers": {\r\n    "a": "//",\r\n    "b": "}" // last\r\n  }\r\n}\r\n'],
    ['// head\n{\n  "mcpServers": {"a": 1} // same line\n}\n// foot'],
    ['{\n  "mcpServers": {\n    "a": 1\n    ,\n    "b": 2\n    , // late comma\n  }\n}'],
  ])('%j comes back byte for byte', (text) => {
    expect(thereAndBack(jsonc(text))).toBe(text)
  })
  it('keeps every existing line, in its place', () => {
    const text = '{\n  // servers\n  "mcpServers": {\n    "a": { "command": "x" } // mine\n  },\n  "z": 1, // last\n}\n'
    const lines = there(jsonc(text)).split('\n')
    expect(lines.slice(0, 5)).toEqual([
      '{',
      '  // servers',
      '  "mcpServers": {',
      '    "a": { "command": "x" }, // mine',
      '    "hp-sales": {',
    ])
    expect(lines.slice(-5)).toEqual(['    }', '  },', '  "z": 1, // last', '}', ''])
  })
  it('writes an object with the entry into an empty or blank file', () => {
    for (const text of ['', ' \n']) expect(JSON.parse(there(jsonc(text)))).toEqual({ mcpServers: { [NAME]: ENTRY } })
  })
  it('replaces an entry in its place', () => {
    const text = '{"mcpServers": {"hp-sales": {"command": "old"}, "b": 1}}'
    expect(there(jsonc(text))).toBe(`{"mcpServers": {"hp-sales": ${JSON.stringify(ENTRY)}, "b": 1}}`)
  })
  it('treats a key such as __proto__ like any other', () => {
    const text = '{\n  "__proto__": {"x": 1},\n  "mcpServers": {\n    "__proto__": 2\n  }\n}'
    expect(thereAndBack(jsonc(text))).toBe(text)
  })

  it('keeps all bytes of random documents in the same order', () => {
    fc.assert(
      fc.property(randomJsonc(), (text) => {
        const put = there(jsonc(text))
        expect((editorOf('jsonc').parse(put)['mcpServers'] as Record<string, unknown>)[NAME]).toEqual(
          expect.objectContaining({ command: ENTRY.command }),
        )
        expect(isWithin(text.replaceAll(/\s/g, ''), put)).toBe(true)
      }),
      { numRuns: repeats(100, 400) },
    )
  })
  it('keeps all content of random documents that had servers, and masks without losing a line', () => {
    fc.assert(
      fc.property(
        randomJsonc().filter((text) => Object.keys(editorOf('jsonc').parse(text)['mcpServers'] ?? {}).length > 0),
        (text) => {
          const put = there(jsonc(text))
          expect(editorOf('jsonc').remove(put, 'mcpServers', NAME).replaceAll(/\s/g, '')).toBe(
            text.replaceAll(/\s/g, ''),
          )
          expect(editorOf('jsonc').mask(text, 'mcpServers', NAME, true)).not.toMatch(/note|line/)
        },
      ),
      { numRuns: repeats(100, 400) },
    )
  })
})

describe('TOML', () => {
  it.each([
    ['model = "o3"\n\n[mcp_servers.a]\ncommand = "x" # mine\n'],
    ['[mcp_servers.a]\r\ncommand = "x"\r\n\r\n# foot\r\n'],
    [
      'note = """\n[mcp_servers.hp-sales]\n"""\nlist = [\n  [1, 2],\n  ["]"],\n]\n[[profiles]]\nname = \'\'\'[x]\'\'\'\n',
    ],
    ['[projects."/home/me"]\ntrust_level = "trusted"\n'],
  ])('%j comes back byte for byte', (text) => {
    const put = there(toml(text))
    expect(put.startsWith(text)).toBe(true)
    expect(parseToml(put)['mcp_servers']).toMatchObject({ [NAME]: ENTRY })
    expect(thereAndBack(toml(text))).toBe(text)
  })
  it('removes an entry between others with the sections below it, and keeps comments of the next one', () => {
    const text =
      '[mcp_servers.a]\ncommand = "x"\n\n[mcp_servers.hp-sales]\ncommand = "y"\n[mcp_servers.hp-sales.env]\nK = "v"\n\n# of b\n[mcp_servers.b]\ncommand = "z"\n'
    expect(editorOf('toml').remove(text, 'mcp_servers', NAME)).toBe(
      '[mcp_servers.a]\ncommand = "x"\n\n# of b\n[mcp_servers.b]\ncommand = "z"\n',
    )
    expect(there(toml(text))).toMatch(
      /^\[mcp_servers\.a\]\ncommand = "x"\n\n\[mcp_servers\.hp-sales\]\ncommand = [^\n]*\nargs = [^\n]*\nenv = [^\n]*\n\n# of b\n\[mcp_servers\.b\]/,
    )
  })
  it('finds a section whose name is quoted', () => {
    expect(
      editorOf('toml').remove('a = 1\n\n[ mcp_servers . "hp-sales" ] # ours\ncommand = "y"\n', 'mcp_servers', NAME),
    ).toBe('a = 1\n')
  })
})

describe('YAML', () => {
  it.each([
    ['GOOSE_MODEL: x\nextensions:\n  dev:\n    enabled: true # yes\n# about z\nz: 1\n'],
    ['extensions:\r\n  dev:\r\n    envs: {A: b}\r\n'],
    ['extensions:\n    dev:\n        note: |\n            text\n\n            hp-sales:\n    two: {}\n\nlast: end\n'],
    ['# head\nextensions: {} # none yet\nlast: end\n'],
  ])('%j comes back byte for byte', (text) => {
    expect(parseYaml(there(yaml(text)))['extensions']).toMatchObject({ [NAME]: ENTRY })
    expect(thereAndBack(yaml(text))).toBe(text)
  })
  it.each(['extensions:\nz: 1\n', 'extensions: null\n', 'z: 1', '', 'extensions: ~ # none'])(
    'adds the first entry to %j',
    (text) => {
      expect(parseYaml(there(yaml(text)))).toEqual({ ...(parseYaml(text) as object), extensions: { [NAME]: ENTRY } })
    },
  )
  it('replaces an entry between others in its place', () => {
    const put = there(yaml('extensions:\n  a: 1\n  hp-sales:\n    cmd: old\n\n  # of b\n  b: 2\n'))
    expect(put).toMatch(
      /^extensions:\n {2}a: 1\n {2}hp-sales:\n {4}command: .*\n {4}args: .*\n {4}env: .*\n\n {2}# of b\n {2}b: 2\n$/,
    )
  })
})

/** Returns whether the other text contains all characters of this one in the same order. */
function isWithin(some: string, all: string): boolean {
  let at = 0
  for (const char of all) if (some.startsWith(char, at)) at += char.length
  return at === some.length
}
